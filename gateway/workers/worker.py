"""One worker process as the gateway sees it. Every call blocks; threads are the pool's business.

A standard-library pool is not used: with ``ProcessPoolExecutor`` a process that ends fails the work
of all others, and processes outlive a gateway that was killed.
"""

import contextlib
import logging
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from gateway.workers.parcel import receive, send

log = logging.getLogger(__name__)

LONGEST_WORK = timedelta(minutes=2)
"""How long one work may take; a document of 10 MB takes seconds."""

END_SECONDS = 5.0
"""How long a process may take to end before it is killed."""

# As a main module its classes would have another name there than here.
_MAIN = "from gateway.workers.process import main; main()"
_TIMEVAL = struct.Struct("@ll")


class WorkerEndedError(Exception):
    """The process ended before it replied, or had to be ended for it took too long."""


class Worker:
    """A process that is started when first needed, and again after it has ended."""

    def __init__(self, build: Callable[[], Any]) -> None:
        """Make a worker without a process.

        Args:
            build: Makes the context of all work, in the process; can be pickled.
        """
        self._build = build
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Its process; None if there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """See that there is a process that has built its context.

        Raises:
            WorkerEndedError: It could not be started, or ended while it built.
        """
        self._started()

    def do(self, work: Callable[[Any], Any]) -> Any:
        """Have work done and return the reply; starts a process if there is none.

        Raises:
            WorkerEndedError: The process ended meanwhile, or none could be started.
        """
        return self._ask(self._started(), work)

    def end(self) -> None:
        """End the process, at once and whatever it does; nothing if there is none."""
        line, self._line = self._line, None
        process, self._process = self._process, None
        if line is not None:
            # Closed alone it would stay open for a thread that still waits for a reply.
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        if process is not None:
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _started(self) -> socket.socket:
        """The line to a process that has built its context."""
        if self._line and self._process and self._process.poll() is None:
            return self._line
        self.end()
        ours, theirs = socket.socketpair()
        self._line = ours
        # Not by ``settimeout``: a receive would no longer wait for all its bytes.
        limit = _TIMEVAL.pack(int(LONGEST_WORK.total_seconds()), 0)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, option, limit)
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own module
                    [sys.executable, "-P", "-c", _MAIN, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                )
        except OSError:
            self.end()
            raise WorkerEndedError from None
        failed = self._ask(ours, self._build)
        if failed is not None:
            self.end()
            told = {"event": "worker.unexpected", "error": failed.kind, "frames": failed.frames}
            log.error("a worker process cannot build what it works with", extra=told)
            raise WorkerEndedError
        return ours

    def _ask(self, line: socket.socket, value: object) -> Any:
        try:
            send(line, value)
            return receive(line)
        except (EOFError, OSError):
            self.end()
            raise WorkerEndedError from None
