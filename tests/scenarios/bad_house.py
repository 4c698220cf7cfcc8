"""A live gateway with everything that a bad call needs: callers with few rights, a closed channel,
one whose format cannot carry free searches, a submission."""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from gateway.bootstrap import SystemClock
from gateway.registry import load_adapter
from gateway.security.tokens import Token, new_token
from gateway.settings import load_settings
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Plan, Rule
from gateway.simulation.server import SimulatedAuthority, create_authority, serve
from gateway.validation import SchemaCatalogue
from tests.scenarios.crash.house import ADAPTERS, NOTICE, write_config
from tests.scenarios.crash.house import HERE as CRASH
from tests.scenarios.house import XMELD, authority
from tests.scenarios.live import Live, live
from tests.scenarios.marked import MARK

SEARCH_PATH = "/v1/residents/search"
NOTICE_PATH = "/v1/testing/notice"
RECIPIENT = "ags:16099001"
CLOSED = "ags:16000001"
"""Reached by a channel whose adapter is broken."""
PERSONS_ONLY = "ags:16000002"
"""Reached by an adapter that writes searches for one person only."""
UNREADABLE = f"{MARK}Unreadable"
"""A family name that is answered with something that nobody can read."""

MORE = """
[[authentication.callers]]
name = "clerk"
token_sha256 = "{clerk}"
party = "dbs:160990010000"

[[authentication.callers.grants]]
operation = "residents/search/v1"
authorities = ["ags:16*"]
purposes = ["register-inquiry"]

[[channels]]
name = "closed"
adapter = "broken"
address = "{url}/"

[[routes]]
operation = "residents/search/v1"
authority = "ags:16000001"
channel = "closed"

[[channels]]
name = "persons"
adapter = "persons"
address = "{url}/"

[[routes]]
operation = "residents/search/v1"
authority = "ags:16000002"
channel = "persons"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class BadHouse:
    """The gateway, a client that sends no token, and the tokens of its callers by name."""

    live: Live
    http: httpx.Client
    tokens: Mapping[str, str]


@contextlib.contextmanager
def bad_house(folder: Path, *, accepts_tests: bool = False) -> Iterator[BadHouse]:
    """Run the gateway and its authorities while the block runs.

    Args:
        folder: For configuration and database.
        accepts_tests: Whether the channels that are open to all take test messages.
    """
    office, clerk = new_token(), new_token()
    unreadable = Rule(
        effect=Effect(answer="hit", fault=Fault.MALFORMED),
        when={"/search/name/familyName/text": UNREADABLE},
    )
    with serve(authority(unreadable)) as url, serve(_told()) as notice_url:
        path = _config(folder, office, clerk, {"search_url": url, "notice_url": notice_url})
        if accepts_tests:
            _accept_tests(path)
        settings = load_settings(path)
        with live(settings, office.token) as running, running.client() as http:
            tokens = {"office": office.token, "clerk": clerk.token}
            yield BadHouse(live=running, http=http, tokens=tokens)


def _told() -> SimulatedAuthority:
    """The authority that notices are sent to; it answers each with a receipt."""
    folder = ADAPTERS / "notices"
    catalogue = SchemaCatalogue(installed=None, shipped=CRASH / "schemas")
    exchange = load_adapter(folder, catalogue).exchanges[NOTICE]
    plan = Plan(otherwise=Effect(answer="taken"))
    return create_authority(exchange, plan, folder / "examples", SystemClock())


def _config(folder: Path, office: Token, clerk: Token, urls: Mapping[str, str]) -> Path:
    path = write_config(folder, office, **urls)
    adapters = folder / "adapters"
    _broken(adapters / "broken")
    _persons(adapters / "persons")
    text = path.read_text(encoding="utf-8")
    known = f'paths = ["{ADAPTERS}"]'
    assert known in text
    text = text.replace(known, f'paths = ["{ADAPTERS}", "{adapters}"]')
    # A generated call must not pause the channel that the next one needs.
    assert "operator = true" in text
    text = text.replace("operator = true", "operator = false")
    path.write_text(
        text + MORE.format(clerk=clerk.sha256, url=urls["search_url"]), encoding="utf-8"
    )
    return path


def _accept_tests(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in ("tannau", "notices"):
        known = f'name = "{name}"\n'
        assert known in text
        text = text.replace(known, f'{known}accepts_tests = true\ntest_text = "Test"\n')
    path.write_text(text, encoding="utf-8")


def _broken(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "adapter.yaml").write_text("adapter: broken\n", encoding="utf-8")


def _persons(folder: Path) -> None:
    """XMeld without its free search."""
    shutil.copytree(XMELD, folder)
    manifest = folder / "adapter.yaml"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "free-search" not in line]
    assert len(kept) == len(lines) - 1
    text = "".join(kept).replace("adapter: xmeld", "adapter: persons")
    manifest.write_text(text, encoding="utf-8")
