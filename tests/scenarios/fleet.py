"""Several gateway processes on one PostgreSQL, as an operator would run them."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from gateway.cli.demo import free_port
from gateway.security.tokens import Token
from tests.scenarios.crash.house import NOTICE, PROJECT, SEARCH, write_config
from tests.scenarios.crash.nursery import await_live
from tests.scenarios.crash.watched import Authorities

PROGRAM = Path(sys.executable).with_name("agency-gateway")
HEARTBEAT_SECONDS = 0.2
DEAD_AFTER_SECONDS = 1.5


@dataclass(kw_only=True)
class Member:
    """One gateway process."""

    url: str
    process: subprocess.Popen[bytes]

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it by ``kill -9``."""
        self.process.kill()
        self.process.wait()


@dataclass(kw_only=True)
class Fleet:
    """Starts gateways that differ in nothing but their port."""

    config: Path
    database: str
    token: Token
    members: list[Member] = field(default_factory=list)

    def start(self) -> Member:
        """Start one more; returns when it answers."""
        port = free_port(0)
        variables = {
            "SERVER__PORT": str(port),
            "STORE__URL": self.database,
            "STORE__HEARTBEAT": f"PT{HEARTBEAT_SECONDS}S",
            "STORE__DEAD_AFTER": f"PT{DEAD_AFTER_SECONDS}S",
        }
        given = {f"AGENCY_GATEWAY_{name}": value for name, value in variables.items()}
        with self.config.with_name(f"gateway-{port}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [PROGRAM, "serve", "--config", self.config],
                cwd=PROJECT,
                env={**os.environ, **given},
                stdout=log,
                stderr=log,
            )
        member = Member(url=f"http://127.0.0.1:{port}", process=process)
        self.members.append(member)
        await_live(member.url, lambda: process.poll() is None)
        return member

    def client(self, member: Member) -> httpx.AsyncClient:
        """A caller of this member."""
        headers = {"Authorization": f"Bearer {self.token.token}"}
        return httpx.AsyncClient(base_url=member.url, headers=headers, timeout=60, trust_env=False)

    def logged(self) -> str:
        """What all members wrote."""
        logs = sorted(self.config.parent.glob("gateway-*.log"))
        return "".join(log.read_text("utf-8") for log in logs)


@contextlib.contextmanager
def fleet(folder: Path, database: str, token: Token, watched: Authorities) -> Iterator[Fleet]:
    """A fleet without members; those that it has at the end are ended."""
    urls = watched.urls
    config = write_config(folder, token, search_url=urls[SEARCH], notice_url=urls[NOTICE])
    text = config.read_text("utf-8")
    config.write_text(text.replace('path = "messages.sqlite3"', "", 1), "utf-8")
    started = Fleet(config=config, database=database, token=token)
    try:
        yield started
    finally:
        for member in started.members:
            member.kill()
