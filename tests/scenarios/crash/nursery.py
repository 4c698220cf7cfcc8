"""Starts, stops, pauses and kills processes of ``launcher``, one of a kind at a time."""

import contextlib
import http.client
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from gateway.flow.fault_points import FaultPoint
from tests.scenarios.crash.clock import Offset
from tests.scenarios.crash.house import PROJECT

START_LIMIT_SECONDS = 30.0
RECOVERY_SECONDS = 1.5
"""In which a gateway that answers has certainly begun to deliver what it found."""


class EndedByItselfError(Exception):
    """A process ended, and nobody killed it; its log says more."""


class Nursery:
    """Starts processes of one kind; not two of them at a time. Its calls block."""

    def __init__(
        self,
        module: str,
        *arguments: str,
        log: Path,
        within: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Start the launcher; ``await_ready`` waits for it.

        Args:
            module: Module of the launcher, below this folder.
            arguments: What it is called with.
            log: File that everything it writes on standard error is added to.
            within: Command that runs the launcher, with its arguments; empty: none.
            variables: Added to the environment.
        """
        command = [*within, sys.executable, "-m", f"tests.scenarios.crash.{module}", *arguments]
        self._name = log.stem
        self._log = log.open("ab")
        self._launcher = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
            command,
            cwd=PROJECT,
            env={**os.environ, **(variables or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._in = _pipe(self._launcher.stdin)
        self._out = _pipe(self._launcher.stdout)
        self._unread = b""
        self._pid: int | None = None

    @property
    def launcher_pid(self) -> int:
        """The process that the others are forked from."""
        return self._launcher.pid

    @property
    def pid(self) -> int | None:
        """The process that was started last; None: it has ended."""
        return self._pid

    def await_ready(self) -> None:
        """Wait until the launcher has imported everything."""
        self.await_word("ready")

    def start_one(self, order: str) -> None:
        """Start a process; returns when it runs, not when it is of any use."""
        self._in.write(f"{order}\n".encode())
        self._in.flush()
        self._pid = int(self.await_word("started"))

    def has_ended(self, seconds: float = 0) -> bool:
        """Whether the process that was started last has ended; it must have been by SIGKILL."""
        if self._pid is not None and self.hears(seconds):
            status = int(self.await_word("ended"))
            self._pid = None
            if status != -signal.SIGKILL:
                raise EndedByItselfError(f"{self._name} ended with {status}")
        return self._pid is None

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it lives."""
        if self._pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)

    def kill(self) -> None:
        """End the process, if it lives; also one that is paused."""
        if not self.has_ended():
            self.tell(signal.SIGKILL)
            assert self.has_ended(START_LIMIT_SECONDS)

    def close(self) -> None:
        """End the process and the launcher."""
        try:
            if self._launcher.poll() is None:  # else its processes have ended, too
                self.kill()
        finally:
            self._launcher.kill()
            self._launcher.wait()
            self._in.close()
            self._out.close()
            self._log.close()

    def await_word(self, word: str) -> str:
        """Wait until launcher or process says a word; returns what stands after it."""
        assert self.hears(START_LIMIT_SECONDS), f"nobody said {word}"
        line, _, self._unread = self._unread.partition(b"\n")
        said, _, rest = line.decode().partition(" ")
        assert said == word, f"{said} {rest} was said instead of {word}"
        return rest

    def hears(self, seconds: float) -> bool:
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


class Gateways(Nursery):
    """Starts gateway processes on one configuration, at one address."""

    def __init__(
        self,
        config: Path,
        *,
        name: str = "gateway",
        within: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Start the launcher.

        Args:
            config: File of the gateway's settings.
            name: What its files beside ``config`` are called.
            within: As for ``Nursery``.
            variables: As for ``Nursery``.
        """
        clock = config.with_name(f"{name}.clock")
        self.clock = Offset(clock)
        super().__init__(
            "gateway_process",
            str(config),
            str(clock),
            log=config.with_name(f"{name}.log"),
            within=within,
            variables=variables,
        )

    def start(self, point: FaultPoint, nth: int, *, url: str) -> None:
        """Start a gateway whose trap is not armed yet; returns when it answers."""
        self.start_one(f"{point} {nth} later")
        await_live(url, lambda: not self.has_ended())

    def start_and_die(self, point: FaultPoint, *, url: str) -> bool:
        """Start a gateway that dies at a point while it recovers; returns whether it came there."""
        self.start_one(f"{point} 1 now")
        await_live(url, lambda: not self.has_ended(), or_dead=True)
        died = self.has_ended(RECOVERY_SECONDS)
        self.kill()
        return died

    def arm(self) -> None:
        """Set the gateway's trap."""
        if not self.has_ended():
            self.tell(signal.SIGUSR1)
            self.await_word("armed")


def await_live(url: str, lives: Callable[[], bool], *, or_dead: bool = False) -> None:
    """Wait until a gateway answers.

    Args:
        url: Where it will listen.
        lives: Whether its process still runs.
        or_dead: Whether it may end instead.
    """
    limit = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < limit:
        ended = not lives()
        assert or_dead or not ended, "the gateway ended instead of starting"
        if ended or _is_live(url):
            return
        time.sleep(0.02)
    raise TimeoutError("the gateway did not start")


def _is_live(url: str) -> bool:
    """Whether somebody answers; httpx would need longer for its certificates than all the rest."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.client.OK
    return False


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
