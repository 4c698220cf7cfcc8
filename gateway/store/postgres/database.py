"""Connections to one PostgreSQL database, and what a lost one means.

Kept out: statements (``queries.sql``) and what they are run for (``store``).
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.store.postgres.faults import (
    FAILURES,
    cannot_match,
    is_certain,
    is_refusal,
    unavailable,
)
from gateway.store.queries import load_queries
from gateway.store.rows import Row

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

CONNECT_SECONDS = 5.0
"""A server that takes longer to let somebody in is of no use to a caller who waits."""

STATEMENT_SECONDS = 15.0
"""Of one statement; far more than any takes on a server that works."""

_SESSION = {
    "application_name": "agency-gateway",
    # What is confirmed is on the disk, whatever the default of this server is.
    "synchronous_commit": "on",
    # A process that is paused within a transaction must not keep its rows from the others.
    "idle_in_transaction_session_timeout": "5s",
    # Statements here are many and short.
    "jit": "off",
}

_MISUNDERSTOOD = (ValueError, asyncpg.ClientConfigurationError)


class UnsureError(StoreUnavailableError):
    """The connection broke while a change was under way: it may have been carried out or not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Which database, as whom.

    Attributes:
        url: ``postgresql://user@host:port/database``; what it leaves open, libpq's variables and
            its password file say.
        password: Tells the password whenever a connection is made, so that a new one needs no new
            start; None: the one of ``url`` or of the password file.
        connections: How many there are at most.
    """

    url: str = field(repr=False)
    password: Callable[[], str] | None = None
    connections: int = 8


class Database:
    """A pool of connections; a lost one is replaced when the next one is asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._queries: Mapping[str, str] = load_queries("gateway.store.postgres")
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._telling: asyncpg.Connection[asyncpg.Record] | None = None

    async def open(self) -> None:
        """Connect.

        Raises:
            StoreUnavailableError: The server cannot be reached, or refuses.
            ConfigurationError: The URL cannot be understood.
        """
        source = self._source
        pool = asyncpg.create_pool(
            source.url,
            password=source.password,
            min_size=1,
            max_size=source.connections,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS,
            reset=_leave,
            server_settings=_SESSION,
        )
        try:
            await pool
        except _MISUNDERSTOOD:
            pool.terminate()
            raise ConfigurationError(
                "The URL of the message store cannot be understood; see `store.url`."
            ) from None
        except FAILURES as error:
            pool.terminate()
            raise unavailable(error) from None
        self._pool = pool

    async def close(self) -> None:
        """Let go of every connection; they must be idle."""
        self._hang_up()
        pool, self._pool = self._pool, None
        if pool is not None:
            # Nothing is under way, so nothing has to be waited for.
            pool.terminate()

    async def connect(
        self, *, statement_seconds: float | None = STATEMENT_SECONDS
    ) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection outside the pool, for its caller alone.

        Args:
            statement_seconds: How long a statement on it may take; None: as long as it takes.

        Raises:
            StoreUnavailableError: As ``open``.
        """
        source = self._source
        try:
            return await asyncpg.connect(
                source.url,
                password=source.password,
                timeout=CONNECT_SECONDS,
                command_timeout=statement_seconds,
                server_settings=_SESSION,
            )
        except FAILURES as error:
            raise unavailable(error) from None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for a while.

        Raises:
            StoreUnavailableError: There is none; nothing was sent.
        """
        if self._pool is None:
            raise StoreUnavailableError("The message store is not open.")
        try:
            connection = await self._pool.acquire(timeout=CONNECT_SECONDS)
        except FAILURES as error:
            raise unavailable(error) from None
        try:
            yield connection
        finally:
            # One that broke meanwhile has told so to whoever used it.
            with suppress(*FAILURES):
                await self._pool.release(connection)

    async def read(self, query: str, *arguments: object) -> Sequence[Row]:
        """The rows of a named statement that changes nothing.

        Raises:
            StoreUnavailableError: The database cannot be used.
        """
        async with self.connection() as connection:
            try:
                return _rows(await connection.fetch(self._queries[query], *arguments))
            except FAILURES as error:
                if cannot_match(error):
                    return []
                raise unavailable(error) from None

    async def write(
        self, query: str, *arguments: object, on: "Connection | None" = None
    ) -> Sequence[Row]:
        """Carry a named statement out; durable on return, unless it is part of a transaction.

        Args:
            query: Name of the statement.
            arguments: Its parameters.
            on: Connection with the transaction it is part of; None: the statement is one itself.

        Raises:
            RefusedError: A rule of the database refuses it; nothing was changed.
            UnsureError: The connection broke meanwhile.
            StoreUnavailableError: The database cannot be used; nothing was changed.
        """
        if on is not None:
            return await self._write(on, query, arguments)
        async with self.connection() as connection:
            return await self._write(connection, query, arguments)

    async def _write(
        self, connection: Connection, query: str, arguments: tuple[Any, ...]
    ) -> Sequence[Row]:
        try:
            return _rows(await connection.fetch(self._queries[query], *arguments))
        except FAILURES as error:
            raise _failure(error) from None

    async def notify(self, topic: str, text: str) -> None:
        """Tell every session that listens; nothing waits for the disk.

        Raises:
            StoreUnavailableError: The database cannot be used; perhaps nobody was told.
        """
        try:
            if self._telling is None or self._telling.is_closed():
                self._telling = await self.connect()
                await self._telling.execute("SET synchronous_commit = off")
            await self._telling.fetch(self._queries["notify"], topic, text)
        except FAILURES as error:
            self._hang_up()
            raise unavailable(error) from None

    def _hang_up(self) -> None:
        telling, self._telling = self._telling, None
        if telling is not None:
            telling.terminate()

    async def listen(
        self,
        connection: "asyncpg.Connection[asyncpg.Record]",
        topic: str,
        heard: Callable[[str], None],
    ) -> None:
        """Hear what is told about a topic, as long as the connection lasts.

        Raises:
            StoreUnavailableError: The connection cannot be used.
        """
        try:
            await connection.add_listener(topic, lambda *told: heard(str(told[3])))
        except FAILURES as error:
            raise unavailable(error) from None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection with a transaction of several statements.

        Raises:
            RefusedError, UnsureError, StoreUnavailableError: As ``write``.
        """
        async with self.connection() as connection:
            try:
                async with connection.transaction():
                    yield connection
            except FAILURES as error:
                raise _failure(error) from None


async def _leave(_connection: Connection) -> None:
    """Give a connection back as it is.

    Nothing here changes its settings, and a reset would cost each use one more round trip.
    """


def _rows(records: list[asyncpg.Record]) -> Sequence[Row]:
    # A record can be indexed and counted; that it is no `Sequence` by name makes no difference.
    return cast("list[Row]", records)


def _failure(error: Exception) -> Exception:
    if is_refusal(error):
        return RefusedError(error)
    found = unavailable(error)
    return found if is_certain(error) else UnsureError(found.detail)


class RefusedError(Exception):
    """A rule of the database refuses a statement; nothing was changed.

    ``error`` is what the driver raised, for ``faults.refused``.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
