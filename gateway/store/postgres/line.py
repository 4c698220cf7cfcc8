"""The one connection of this process that listens to the others and gives signs of life.

It is outside the pool, so that no long statement stands before a beat. Kept out: what is told
(``bulletin``), and who is dead (``presence``).
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from gateway.errors import StoreUnavailableError
from gateway.messaging.peers import News
from gateway.store.postgres.bulletin import TOPIC, Bulletin, read
from gateway.store.postgres.database import Database
from gateway.store.postgres.presence import Watch

if TYPE_CHECKING:
    import asyncpg

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """How processes give signs of life.

    Attributes:
        heartbeat: Between two beats.
        dead_after: A process that gives none for so long is dead; several times ``heartbeat``.
    """

    heartbeat: timedelta = timedelta(seconds=2)
    dead_after: timedelta = timedelta(seconds=10)


class Line:
    """Beats, watches and listens, from ``open`` to ``stop``."""

    def __init__(self, database: Database, rhythm: Rhythm) -> None:
        self.process = secrets.randbits(62)
        self.bulletin = Bulletin(database, self.process)
        self._database = database
        self._rhythm = rhythm
        self._watch = Watch(dead_after=rhythm.dead_after)
        self._heard: Callable[[News], None] = _ignore
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._lost = asyncio.Event()
        self._beat_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def listen(self, heard: Callable[[News], None]) -> None:
        """See ``Peers``."""
        self._heard = heard

    def may_send(self) -> bool:
        """See ``Peers``; the last beat that is certain counts from before it was sent."""
        return monotonic() - self._beat_at < self._rhythm.dead_after.total_seconds()

    async def open(self) -> None:
        """Give the first sign of life: before it, nothing may belong to this process."""
        try:
            await self._beat()
        except StoreUnavailableError:
            self._hang_up()
            raise

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Go on with it, as tasks of this group."""
        self.bulletin.start(tasks)
        self._task = tasks.create_task(self._run())

    def stop(self) -> None:
        """Give no more signs of life."""
        if self._task is not None:
            self._task.cancel()

    async def leave(self) -> None:
        """Tell the others that this process is gone: what it did not finish is theirs."""
        with contextlib.suppress(StoreUnavailableError):
            await self._database.write("leave", self.process)
        self._hang_up()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._rhythm.heartbeat.total_seconds()):
                    await self._lost.wait()
                    self._hang_up()
            try:
                await self._beat()
            except Exception as error:  # noqa: BLE001 - without a beat nothing more would be sent
                self._report(error)
                self._hang_up()
                await asyncio.sleep(self._rhythm.heartbeat.total_seconds() / 2)

    async def _beat(self) -> None:
        began = monotonic()
        connection = self._connection or await self._dial()
        await self._database.write("beat", self.process, on=connection)
        self._beat_at = began
        rows = await self._database.write("peers", self.process, on=connection)
        counts = {row[0]: row[1] for row in rows}
        for process, beats in self._watch.look(counts).items():
            await self._database.write("remove", process, beats, on=connection)
            del counts[process]
            log.warning(
                "another process gives no sign of life",
                extra={"event": "process.dead", "process_number": process},
            )
        self.bulletin.has_readers = bool(counts)

    async def _dial(self) -> "asyncpg.Connection[asyncpg.Record]":
        self._lost.clear()
        connection = await self._database.connect()
        self._connection = connection
        connection.add_termination_listener(self._ended)
        await self._database.listen(connection, TOPIC, self._hear)
        # Others tell this process nothing as long as they do not know of it.
        hello = f"[{self.process},[],[]]"
        await self._database.write("notify", TOPIC, hello, on=connection)
        self._heard(News())
        return connection

    def _ended(self, connection: object) -> None:
        if connection is self._connection:
            self._lost.set()

    def _report(self, error: Exception) -> None:
        if self._connection is not None:  # once, however long it lasts
            log.warning(
                "no sign of life can be given",
                extra={"event": "store.line_lost", "error": type(error).__name__},
            )

    def _hear(self, text: str) -> None:
        process, news = read(text)
        if process != self.process:
            self.bulletin.has_readers = True
            self._heard(news)

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
        self._lost.clear()


def _ignore(_news: News) -> None:
    """Nobody listens."""
