"""One gateway process, and a street of backends that each fail in a way of their own.

Every backend answers searches (a query, repeatable) and notices (a submission) at a URL each, and
is an authority of its own: the recipient of a call chooses the backend.
"""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from gateway.bootstrap import SystemClock
from gateway.registry import load_adapter
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from gateway.simulation import Certificate, Plan, create_authority, make_identity, serve
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import SimulatedAuthority
from gateway.translation import Exchange
from gateway.validation import SchemaCatalogue
from tests.scenarios.crash.house import (
    ADAPTERS,
    HERE,
    NOTICE,
    PROJECT,
    SEARCH,
    write_config,
)
from tests.scenarios.crash.nursery import await_live
from tests.scenarios.marked import MARK

RETRY = "{ first_wait = 0.02, longest_wait = 0.05, max_attempts = 2 }"
SETTLE_LIMIT_SECONDS = 10.0
BACKEND = """
[[authorities]]
id = "{authority}"
directory = "DVDV"
name = "Amt {name}"

[[channels]]
name = "search-{name}"
adapter = "xmeld"
address = "{search_url}/"
timeout = {timeout}
retry = {retry}
breaker = {breaker}
codelist_versions = {versions}

[[channels]]
name = "notice-{name}"
adapter = "notices"
address = "{notice_url}/"
timeout = {timeout}
retry = {retry}
breaker = {breaker}

[[routes]]
operation = "residents/search/v1"
authority = "{authority}"
channel = "search-{name}"

[[routes]]
operation = "testing/notice/v1"
authority = "{authority}"
channel = "notice-{name}"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backend:
    """How a backend answers; ``answer`` of the effect is filled in by operation.

    Attributes:
        effect: What happens to every request.
        tls: Certificate it shows; None: plain HTTP.
        times: How often that happens; None: always.
        opens: Whether anybody listens at all.
        timeout: Of the channels that lead to it.
        retry: Of the channels that lead to it.
    """

    effect: Effect = Effect(answer="")  # noqa: RUF009 - frozen
    tls: Certificate | None = None
    times: int | None = None
    opens: bool = True
    timeout: float = 5
    retry: str = RETRY

    @property
    def shown(self) -> str:
        """What a plan says to have such a backend."""
        effect = self.effect
        said = {
            "fault": effect.fault,
            "status": effect.status,
            "tls": self.tls,
            "content_type": effect.content_type,
            "delay": "longer than the time-out" if effect.delay else None,
            "opens_after": None if self.opens else "longer than that",
        }
        return ", ".join(f"`{key}: {value}`" for key, value in said.items() if value) or "none"

    def plan(self, answer: str) -> Plan:
        """The same as a plan."""
        effect = replace(self.effect, answer=answer)
        return Plan(
            otherwise=Effect(answer=answer),
            rules=(Rule(effect=effect, times=self.times),),
            opens_after=timedelta(0) if self.opens else timedelta(hours=1),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One operation: its translation, and its example answers with marks in them."""

    exchange: Exchange
    answer: str
    examples: Path

    def authority(self, backend: Backend) -> SimulatedAuthority:
        """A backend of this operation."""
        plan = backend.plan(self.answer)
        return create_authority(self.exchange, plan, self.examples, SystemClock())


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An answer of an authority as the gateway keeps it."""

    body: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Street:
    """The gateway as its callers, its operator and its disk see it."""

    http: httpx.Client
    database: Path
    log: Path
    authorities: Mapping[str, str]
    apps: Mapping[tuple[str, str], SimulatedAuthority]

    def send(self, name: str, operation: str, document: Any, prefer: str) -> httpx.Response:
        """Send a call to one backend."""
        path, _, version = operation.rpartition("/v")
        headers = {
            "Recipient": self.authorities[name],
            "Prefer": prefer,
            "Idempotency-Key": str(uuid4()),
        }
        return self.http.post(f"/v{version}/{path}", json=document, headers=headers)

    def rested(self, message_id: str) -> dict[str, Any]:
        """The message when the gateway has nothing more to do with it, or waits for the answer."""
        limit = time.monotonic() + SETTLE_LIMIT_SECONDS
        while True:
            found: dict[str, Any] = self.get(f"/{message_id}").json()
            if found["settledAt"] or found["state"] == "awaiting_answer":
                return found
            assert time.monotonic() < limit, f"it rests nowhere: {found['state']}"
            time.sleep(0.01)

    def get(self, path: str) -> httpx.Response:
        """A document below ``/v1/messages``."""
        return self.http.get(f"/v1/messages{path}").raise_for_status()

    def kept(self, message_id: str) -> Kept | None:
        """What is kept of the authority's answer, from the disk."""
        select = (
            "SELECT body, media_type FROM stages JOIN messages ON message_number = messages.number "
            "WHERE id = ? AND stages.kind = 'wire_answer'"
        )
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            row = db.execute(select, (message_id,)).fetchone()
        return None if row is None else Kept(body=row[0], media_type=row[1])

    def times_seen(self, name: str, operation: str, message_id: str) -> int:
        """How often the backend read the message, as it counted itself."""
        return self.apps[name, operation].seen().get(message_id, 0)


@contextlib.contextmanager
def street(folder: Path, backends: Mapping[str, Backend]) -> Iterator[Street]:
    """Run the backends and a gateway while the block runs."""
    formats = _formats(folder)
    trusted: list[bytes] = []
    with contextlib.ExitStack() as stack:
        apps = {
            (name, operation): one.authority(backend)
            for name, backend in backends.items()
            for operation, one in formats.items()
        }
        urls = {
            (name, operation): stack.enter_context(_serving(app, backends[name].tls, trusted))
            for (name, operation), app in apps.items()
        }
        authorities = {name: f"ags:16{n:06}" for n, name in enumerate(backends, start=1)}
        token = new_token()
        config = write_config(folder, token, search_url="http://x", notice_url="http://x")
        text = config.read_text().replace("json = false", "json = true").replace("info", "debug")
        for name, backend in backends.items():
            text += _section(name, backend, authorities[name], urls)
        config.write_text(text)
        trust = folder / "trusted.pem"
        trust.write_bytes(b"".join(trusted))
        url = stack.enter_context(_gateway(config, {"SSL_CERT_FILE": str(trust)}))
        http = stack.enter_context(
            httpx.Client(
                base_url=url,
                headers={"Authorization": f"Bearer {token.token}"},
                trust_env=False,
                timeout=30,
            )
        )
        yield Street(
            http=http,
            database=load_settings(config).store.path,
            log=folder / "serve.log",
            authorities=authorities,
            apps=apps,
        )


@contextlib.contextmanager
def _gateway(config: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """``agency-gateway serve`` in a process of its own; yields its URL."""
    program = "from gateway.cli.main import run; run()"
    url = f"http://127.0.0.1:{load_settings(config).server.port}"
    with config.with_name("serve.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, our own command
            [sys.executable, "-c", program, "serve", "--config", str(config)],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
        try:
            await_live(url, lambda: process.poll() is None)
            yield url
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _serving(
    app: SimulatedAuthority, tls: Certificate | None, trusted: list[bytes]
) -> Iterator[str]:
    identity = None if tls is None else make_identity(tls, datetime.now(UTC))
    if identity is not None:
        trusted.append(identity.trust_pem)
    with serve(app, tls=None if identity is None else identity.context) as url:
        yield url


def _formats(folder: Path) -> dict[str, Format]:
    examples = folder / "examples"
    examples.mkdir()
    hit = (PROJECT / "adapters" / "xmeld" / "examples" / "answer-hit.api.json").read_text("utf-8")
    (examples / "answer-hit.api.json").write_text(hit.replace("Quendel", f"{MARK}Quendel"))
    notices = ADAPTERS / "notices"
    return {
        SEARCH: Format(
            exchange=_exchange(PROJECT / "adapters" / "xmeld", PROJECT / "schemas", SEARCH),
            answer="hit",
            examples=examples,
        ),
        NOTICE: Format(
            exchange=_exchange(notices, HERE / "schemas", NOTICE),
            answer="taken",
            examples=notices / "examples",
        ),
    }


def _exchange(adapter: Path, schemas: Path, key: str) -> Exchange:
    return load_adapter(adapter, SchemaCatalogue(installed=None, shipped=schemas)).exchanges[key]


def _section(
    name: str, backend: Backend, authority: str, urls: Mapping[tuple[str, str], str]
) -> str:
    demo = tomllib.loads(files("gateway.cli").joinpath("demo.toml").read_text("utf-8"))
    versions = demo["channels"][0]["codelist_versions"]
    return BACKEND.format(
        name=name,
        authority=authority,
        search_url=urls[name, SEARCH],
        notice_url=urls[name, NOTICE],
        timeout=backend.timeout,
        retry=backend.retry,
        breaker="{ failures = 0 }",  # each message shows what becomes of it, whatever came before
        versions="{ " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in versions.items()) + " }",
    )
