"""One message that goes again, in a transaction of its own: rare, and never beside its family.

What ``advancing`` does for many at a time without a lock, this does for one, holding its row: an
original and its corrected copies must not go at the same time, and what is made anew is kept.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import Step
from gateway.store.moves import cannot_take, corrected, leaves_line, may_take, row_after, unknown
from gateway.store.postgres.advancing import Planned, move_rows
from gateway.store.postgres.database import Connection, Database, RefusedError
from gateway.store.postgres.faults import refused
from gateway.store.postgres.heads import Heads
from gateway.store.postgres.lines import Lines
from gateway.store.rows import ORDER_KEY, PLACE, Row, message_of, micros


class Replaying:
    """Carries single steps out, each in a transaction.

    Attributes:
        database: Where the messages are.
        process: Number of this process among its peers.
    """

    def __init__(self, database: Database, heads: Heads, process: int) -> None:
        self.database = database
        self.process = process
        self._heads = heads
        self._lines = Lines(database)

    async def alone(self, step: Step) -> Message:
        """Carry one step out; errors as ``MessageStore.advance``."""
        async with self.transaction() as on:
            return await self.take(step, on=on)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction; what a rule of the database refuses is a ``TransitionConflictError``."""
        try:
            async with self.database.transaction() as on:
                yield on
        except RefusedError as refusal:
            raise refused(refusal.error) from None

    async def take(self, step: Step, *, on: Connection) -> Message:
        """Carry one step out inside a transaction.

        Raises:
            TransitionConflictError: The message may not take it; nothing was written.
            RefusedError, UnsureError, StoreUnavailableError: As ``Database.write``.
        """
        await self._lock_line(step, on=on)
        row = await self.hold(step, on=on)
        if step.entry.state is State.ACCEPTED:
            await self.refuse_corrected(row, on=on)
        if step.keeps_earlier:
            kinds = [str(stage.kind) for stage in step.stages]
            await self.database.write("keep_earlier", micros(step.entry.at), row[0], kinds, on=on)
        after, at = row_after(row, step), micros(step.entry.at)
        self._heads.forget(step.message_id)
        if row[PLACE] is not None:
            await self._lines.prepare(after, at, on)
        plan = Planned(step=step, before=row, after=after)
        await move_rows(self.database, [plan], process=self.process, on=on)
        if row[PLACE] is not None:
            await self._lines.settle(after, at, on, leaves=leaves_line(step))
        return message_of(after)

    async def _lock_line(self, step: Step, *, on: Connection) -> None:
        """Before the message itself is held, as everybody does who changes a line."""
        for row in await self.database.write("messages", [step.message_id], on=on):
            if row[PLACE] is not None:
                await self._lines.lock(row[ORDER_KEY], on)

    async def hold(self, step: Step, *, on: Connection) -> Row:
        """The row of a message that may take a step; nobody else moves it in this transaction.

        Raises:
            TransitionConflictError: It may not, or there is none.
        """
        rows = await self.database.write("hold_message", step.message_id, on=on)
        if not rows:
            raise unknown(step)
        if not may_take(rows[0], step):
            raise cannot_take(rows[0], step)
        return rows[0]

    async def refuse_corrected(self, row: Row, *, on: Connection) -> None:
        """Refuse to let a message go while another one of its family may have an effect."""
        await self.database.write("hold_family", row[0], on=on)
        relatives = await self.database.write("relative_with_effect", row[0], on=on)
        if relatives:
            raise corrected(row, relatives[0][0])
