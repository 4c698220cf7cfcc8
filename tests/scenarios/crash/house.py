"""A configuration with a query and a submission, and gateway processes that run with it."""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO

import httpx

from gateway.cli.demo import free_port
from gateway.flow.fault_points import FaultPoint
from gateway.security.tokens import Token

PROJECT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent
ADAPTERS = HERE / "adapters"
SEARCH = "residents/search/v1"
NOTICE = "testing/notice/v1"
RECIPIENT = "ags:16099001"
START_LIMIT_SECONDS = 30.0

NOTICES = """
[schemas]
path = "schemas"
installed = "installed"

[adapters]
paths = ["{adapters}"]

[[authentication.callers.grants]]
operation = "testing/notice/v1"
authorities = ["ags:16*"]

[[channels]]
name = "notices"
adapter = "notices"
address = "{url}/"
timeout = 10
retry = {retry}

[[routes]]
operation = "testing/notice/v1"
authority = "ags:16099001"
channel = "notices"
"""
RETRY = "{ first_wait = 0.05, longest_wait = 0.2, max_attempts = 4 }"


def write_config(folder: Path, token: Token, *, search_url: str, notice_url: str) -> Path:
    """Write schemas and configuration of a gateway into a folder; returns the file's path."""
    shutil.copytree(PROJECT / "schemas", folder / "schemas")
    shutil.copytree(HERE / "schemas", folder / "schemas", dirs_exist_ok=True)
    text = files("gateway.cli").joinpath("demo.toml").read_text(encoding="utf-8")
    for old, new in (
        ("0" * 64, token.sha256),
        ("port = 8080", f"port = {free_port(0)}"),
        ("http://127.0.0.1:8090", search_url),
        ("timeout = 10 ", f"retry = {RETRY}\ntimeout = 10 "),
    ):
        assert old in text
        text = text.replace(old, new)
    text += NOTICES.format(adapters=ADAPTERS, url=notice_url, retry=RETRY)
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayProcess:
    """One gateway process and the trap it was started with."""

    process: subprocess.Popen[bytes]
    point: FaultPoint
    nth: int

    def go(self, url: str) -> None:
        """Let it serve; returns when it answers."""
        _pipe(self.process.stdin).write(b"go\n")
        _pipe(self.process.stdin).flush()
        limit = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < limit:
            assert self.process.poll() is None, "the gateway ended instead of starting"
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{url}/health/live", trust_env=False).is_success:
                    return
            time.sleep(0.01)
        raise TimeoutError("the gateway did not start")

    def await_word(self, word: str) -> None:
        """Wait until it says a word."""
        out = _pipe(self.process.stdout)
        readable, _, _ = select.select([out], [], [], START_LIMIT_SECONDS)
        assert readable, f"the gateway did not say {word}"
        assert os.read(out.fileno(), 100).split() == [word.encode()]

    def arm(self) -> None:
        """Set the trap."""
        if self.nth:
            self.process.send_signal(signal.SIGUSR1)
            self.await_word("armed")

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def end(self) -> int:
        """Kill it, if it lives, and wait for its end; returns how it ended."""
        self.process.kill()
        status = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                _pipe(pipe).close()
        return status


class Nursery:
    """Starts gateway processes on one configuration and ends each of them."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.log = config.with_name("gateway.log")
        self._started: list[GatewayProcess] = []

    def start(self, point: FaultPoint, nth: int) -> GatewayProcess:
        """Start a process that builds a gateway and waits for the word to serve."""
        command = [sys.executable, "-m", "tests.scenarios.crash.launcher"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                [*command, str(self.config), point, str(nth)],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        started = GatewayProcess(process=process, point=point, nth=nth)
        self._started.append(started)
        return started

    def end_all(self) -> None:
        """End whatever still runs."""
        for started in self._started:
            started.end()


@contextlib.contextmanager
def nursery(config: Path) -> Iterator[Nursery]:
    """Processes that do not outlive the block."""
    opened = Nursery(config)
    try:
        yield opened
    finally:
        opened.end_all()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
