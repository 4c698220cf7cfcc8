"""A configuration with a query and a submission, and gateway processes that run with it."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
RECOVERY_SECONDS = 1.5
"""In which a gateway that was started has certainly begun to deliver what it found."""

NOTICES = """
[schemas]
contracts = "schemas"
path = "installed"

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


def await_live(url: str, lives: Callable[[], bool]) -> None:
    """Wait until a gateway answers.

    Args:
        url: Where it will listen.
        lives: Whether its process still runs.
    """
    limit = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < limit:
        assert lives(), "the gateway ended instead of starting"
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/health/live", trust_env=False).is_success:
                return
        time.sleep(0.01)
    raise TimeoutError("the gateway did not start")


class Nursery:
    """Starts gateway processes on one configuration, one at a time."""

    def __init__(self, config: Path) -> None:
        command = [sys.executable, "-m", "tests.scenarios.crash.launcher", str(config)]
        self._log = config.with_name("gateway.log").open("ab")
        self._launcher = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
            command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._in = _pipe(self._launcher.stdin)
        self._out = _pipe(self._launcher.stdout)
        self._unread = b""
        self._pid: int | None = None
        self.await_word("ready")

    def start(self, point: FaultPoint, nth: int, *, url: str) -> None:
        """Start a gateway whose trap is not armed yet; returns when it answers."""
        self._start(f"{point} {nth} later")
        await_live(url, lambda: not self.has_ended())

    def start_and_die(self, point: FaultPoint) -> bool:
        """Start a gateway that dies at a point while it recovers; returns whether it came there."""
        self._start(f"{point} 1 now")
        died = self._hears(RECOVERY_SECONDS)
        self.kill()
        return died

    def arm(self) -> None:
        """Set the gateway's trap."""
        if self._pid is not None:
            os.kill(self._pid, signal.SIGUSR1)
            self.await_word("armed")

    def has_ended(self) -> bool:
        """Whether the gateway that was started last has ended; it must have been by SIGKILL."""
        if self._pid is not None and self._hears(0):
            assert int(self.await_word("ended")) == -signal.SIGKILL
            self._pid = None
        return self._pid is None

    def kill(self) -> None:
        """End the gateway, if it lives."""
        if not self.has_ended() and self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
            self.await_word("ended")
            self._pid = None

    def close(self) -> None:
        """End the gateway and the launcher."""
        try:
            self.kill()
        finally:
            self._launcher.kill()
            self._launcher.wait()
            self._in.close()
            self._out.close()
            self._log.close()

    def await_word(self, word: str) -> str:
        """Wait until launcher or gateway says a word; returns what stands after it."""
        assert self._hears(START_LIMIT_SECONDS), f"nobody said {word}"
        line, _, self._unread = self._unread.partition(b"\n")
        said, _, rest = line.decode().partition(" ")
        assert said == word, f"{said} was said instead of {word}"
        return rest

    def _start(self, order: str) -> None:
        self._in.write(f"{order}\n".encode())
        self._in.flush()
        self._pid = int(self.await_word("started"))

    def _hears(self, seconds: float) -> bool:
        """Whether a whole line is there, or comes in time."""
        limit = time.monotonic() + seconds
        while b"\n" not in self._unread:
            left = max(limit - time.monotonic(), 0)
            if not select.select([self._out], [], [], left)[0]:
                return False
            said = os.read(self._out.fileno(), 4096)
            assert said, "the launcher ended"
            self._unread += said
        return True


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
