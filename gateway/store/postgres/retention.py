"""Retention on PostgreSQL: what is due is locked, erased and noted in one short transaction.

What another process works on is skipped, so any number of them may erase at once. Deleted rows stay
in the server's files until it vacuums them, and are not overwritten then. Kept out: when somebody
looks (``gateway.flow.prune``).
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.messaging.backlog import Unsettled
from gateway.messaging.history import Entry, link
from gateway.messaging.lifecycle import State
from gateway.messaging.operation import OperationKind
from gateway.messaging.retention import ERASED, Due, Erased, Holding, Part
from gateway.store.cursors import new_cursor, read_cursor
from gateway.store.postgres.columns import columns
from gateway.store.postgres.database import Connection
from gateway.store.postgres.store import PostgresStore
from gateway.store.rows import Row, micros, moment

_FIRST = (-(2**62), "-1")


class PostgresRetention:
    """A ``RetentionStore`` in the database of a ``PostgresStore``, which must be open."""

    def __init__(self, store: PostgresStore) -> None:
        self._database = store.database

    async def holdings(self) -> Sequence[Holding]:
        """See ``RetentionStore``."""
        return [
            Holding(
                operation=operation,
                operation_version=version,
                kind=OperationKind(kind),
                has_content=has_content,
                since=moment(settled_at),
            )
            for statement, has_content in (("with_content", True), ("without_content", False))
            for operation, version, kind, settled_at in await self._database.read(statement)
        ]

    async def erase(
        self, due: Due, *, now: datetime, limit: int, after: str | None = None
    ) -> Erased:
        """See ``RetentionStore``."""
        after_at, number = _FIRST if after is None else read_cursor(after)
        where = (due.operation, due.operation_version, micros(due.settled_before))
        states = sorted(due.states)
        async with self._database.transaction() as connection:
            rows = await self._database.write(
                f"due_{due.part}", *where, after_at, int(number), states, limit, on=connection
            )
            count = await self._erase(due.part, rows, now, connection) if rows else 0
        whole = len(rows) < limit
        return Erased(
            count=count, after=None if whole else new_cursor(rows[-1][6], str(rows[-1][0]))
        )

    async def count_due(self, due: Due) -> int:
        """See ``RetentionStore``."""
        rows = await self._database.read(
            f"count_due_{due.part}",
            due.operation,
            due.operation_version,
            micros(due.settled_before),
            sorted(due.states),
        )
        return int(rows[0][0])

    async def erase_refusals(self, *, before: datetime, limit: int) -> int:
        """See ``RetentionStore``."""
        return len(await self._database.write("erase_refusals", micros(before), limit))

    async def count_refusals(self, *, before: datetime) -> int:
        """See ``RetentionStore``."""
        rows = await self._database.read("count_refusals", micros(before))
        return int(rows[0][0])

    async def tidy(self) -> bool:
        """See ``RetentionStore``; the server vacuums by itself."""
        return True

    async def _erase(
        self, part: Part, rows: Sequence[Row], now: datetime, connection: Connection
    ) -> int:
        """Erase a part of locked messages; of how many."""
        numbers = [row[0] for row in rows]
        if part is Part.KEY:
            return len(await self._database.write("erase_keys", numbers, on=connection))
        if part is Part.RECORD:
            await self._database.write("erase_records", numbers, on=connection)
            return len(rows)
        noted = columns([_noted(row, now) for row in rows], 5)
        await self._database.write("erase_payload", *noted, micros(now), ERASED, on=connection)
        return sum(bool(row[5]) for row in rows)


class PostgresBacklog:
    """A ``BacklogStore`` in the database of a ``PostgresStore``, which must be open."""

    def __init__(self, store: PostgresStore) -> None:
        self._database = store.database

    async def unsettled(self) -> Sequence[Unsettled]:
        """See ``BacklogStore``."""
        return [
            Unsettled(tenant=tenant, caller=caller, channel=channel, count=count)
            for tenant, caller, channel, count in await self._database.read("unsettled")
        ]


def _noted(row: Row, now: datetime) -> Row:
    """The row of ``erase_payload``: the new end of the history, if there was content."""
    number, message_id, state, count, head, had_content, _ = row
    if had_content:
        count += 1
        entry = Entry(at=now, event=ERASED, state=State(state))
        head = link(message_id, entry, number=count, previous=head)
    return number, state, count, head, had_content
