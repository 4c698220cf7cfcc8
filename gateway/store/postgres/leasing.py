"""Due messages, taken so that no two processes ever take the same one."""

from collections.abc import Sequence
from datetime import datetime

from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import Step
from gateway.store.postgres.advancing import Planned, move_rows, plan_on
from gateway.store.postgres.database import Database, UnsureError
from gateway.store.postgres.heads import Heads
from gateway.store.rows import Row, message_of, micros

_DUE = frozenset({State.ACCEPTED, State.RETRYING})


class Leasing:
    """Takes due messages for this process."""

    def __init__(self, database: Database, heads: Heads, process: int) -> None:
        self._database = database
        self._heads = heads
        self._process = process
        self._unsure: dict[str, dict[str, bytes]] = {}

    def note(self, channel: str, message_id: str, head: bytes) -> None:
        """Remember a message that may be under way here although nobody delivers it.

        The connection broke when it was taken. If it turns out that it was, ``lease_due`` hands it
        out.

        Args:
            channel: Of the message.
            message_id: The message.
            head: Hash of its last event if it was taken.
        """
        self._unsure.setdefault(channel, {})[message_id] = head

    async def lease_due(self, *, channel: str, now: datetime, limit: int) -> list[Message]:
        """See ``MessageStore``."""
        rows = await self._taken_before(channel, limit)
        if len(rows) < limit:
            rows += await self._lease(channel, now, limit - len(rows))
        for row in rows:
            self._heads.keep(row)
        return [message_of(row) for row in rows]

    async def _lease(self, channel: str, now: datetime, limit: int) -> list[Row]:
        planned: Sequence[Planned] = ()
        try:
            async with self._database.transaction() as connection:
                due = await self._database.write(
                    "due_messages", channel, micros(now), limit, on=connection
                )
                planned = [plan_on(row, _lease(row, now)) for row in due]
                if planned:
                    await move_rows(self._database, planned, process=self._process, on=connection)
        except UnsureError:
            for plan in planned:
                self.note(channel, plan.step.message_id, plan.after[23])
            raise
        return [plan.after for plan in planned]

    async def _taken_before(self, channel: str, limit: int) -> list[Row]:
        """Messages that were taken by a change whose outcome was not known."""
        unsure = self._unsure.get(channel)
        if not unsure:
            return []
        ids = list(unsure)[:limit]
        rows = await self._database.read("messages", ids)
        taken = [row for row in rows if row[23] == unsure[row[1]] and row[10] == State.DELIVERING]
        for message_id in ids:
            del unsure[message_id]
        return list(taken)


def _lease(row: Row, now: datetime) -> Step:
    entry = Entry(at=now, event="delivery.started", state=State.DELIVERING, attempt=row[17] + 1)
    return Step(message_id=row[1], start=_DUE, entry=entry, begins_attempt=True)
