"""Retention on SQLite: what is due is looked up by a reader and erased in short transactions.

The database overwrites what it deletes (``secure_delete``); its log still has copies, until
``tidy`` empties it. Freed space is used again and not given back to the disk. Kept out: when
somebody looks (``gateway.flow.prune``).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

import apsw

from gateway.messaging.history import Entry, link
from gateway.messaging.lifecycle import State
from gateway.messaging.operation import OperationKind
from gateway.messaging.retention import ERASED, Due, Erased, Holding, Part
from gateway.store.cursors import new_cursor, read_cursor
from gateway.store.queries import load_queries
from gateway.store.rows import Row, event_row, micros, moment
from gateway.store.sqlite import SqliteStore

LARGEST_BATCH_BYTES = 2**20
"""Content erased in one transaction, beside the message that exceeds it; each byte is overwritten
and written to the log, so this takes a few milliseconds."""

PIECES = 4
"""Pieces of large bodies erased in one transaction, 256 kB each."""

COUNTED_AT_ONCE = 10_000

_FIRST = (-(2**62), -1)


class SqliteRetention:
    """A ``RetentionStore`` in the database of a ``SqliteStore``, which must be open."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._queries = load_queries()

    async def holdings(self) -> Sequence[Holding]:
        """See ``RetentionStore``."""
        return await self._store.look(partial(read_holdings, self._queries))

    async def erase(
        self, due: Due, *, now: datetime, limit: int, after: str | None = None
    ) -> Erased:
        """See ``RetentionStore``."""
        bindings = _bindings(due, limit=limit, after=after)
        found = await self._store.look(partial(_find, self._queries[f"due_{due.part}"], bindings))
        rows = _affordable(found)
        if not rows:
            return Erased(count=0, after=None)
        numbers = [row[0] for row in rows]
        change = {
            Part.KEY: self._erase_keys,
            Part.PAYLOAD: self._erase_payload,
            Part.RECORD: self._erase_records,
        }[due.part]
        size_bytes = sum(row[2] for row in rows)
        count = await self._store.change(
            partial(change, numbers, micros(due.settled_before), now), size_bytes=size_bytes
        )
        whole = len(rows) == len(found) < limit
        if due.part is Part.PAYLOAD:
            await self._erase_pieces()
        return Erased(count=count, after=None if whole else _cursor_after(rows[-1]))

    async def count_due(self, due: Due) -> int:
        """See ``RetentionStore``."""
        return await self._store.look(partial(count_due, self._queries, due))

    async def erase_refusals(self, *, before: datetime, limit: int) -> int:
        """See ``RetentionStore``."""

        def erase(connection: apsw.Connection) -> int:
            connection.execute(self._queries["erase_refusals"], (micros(before), limit))
            return connection.changes()

        return await self._store.change(erase)

    async def count_refusals(self, *, before: datetime) -> int:
        """See ``RetentionStore``."""
        return await self._store.look(partial(count_refusals, self._queries, before))

    async def tidy(self) -> bool:
        """See ``RetentionStore``."""
        return await self._store.empty_log()

    async def _erase_pieces(self) -> None:
        """Erase what large bodies have left behind; each transaction a short one."""

        def erase(connection: apsw.Connection) -> int:
            connection.execute(self._queries["erase_pieces"], (PIECES,))
            erased = connection.changes()
            connection.execute(self._queries["forget_contents"])
            return erased

        while await self._store.look(partial(_find, self._queries["erased_contents"], {})):
            await self._store.change(erase)

    def _erase_payload(
        self, numbers: Sequence[int], before: int, now: datetime, connection: apsw.Connection
    ) -> int:
        chosen = {"numbers": json.dumps(numbers), "before": before}
        rows = connection.execute(self._queries["still_with_content"], chosen).fetchall()
        those = {"numbers": json.dumps([row[0] for row in rows])}
        connection.execute(self._queries["erase_stages"], those)
        connection.execute(self._queries["erase_keys"], those)
        for row in rows:
            self._note(row, now, connection)
        return sum(bool(row[5]) for row in rows)

    def _note(self, row: Row, now: datetime, connection: apsw.Connection) -> None:
        """Add the event to a message's history, if there was content."""
        number, message_id, state, count, head, had_content = row
        if had_content:
            count += 1
            entry = Entry(at=now, event=ERASED, state=State(state))
            head = link(message_id, entry, number=count, previous=head)
            connection.execute(self._queries["add_event"], event_row(number, count, entry, head))
        connection.execute(self._queries["mark_erased"], (micros(now), count, head, number))

    def _erase_keys(
        self, numbers: Sequence[int], before: int, _now: datetime, connection: apsw.Connection
    ) -> int:
        chosen = {"numbers": json.dumps(numbers), "before": before}
        rows = connection.execute(self._queries["still_with_content"], chosen).fetchall()
        those = {"numbers": json.dumps([row[0] for row in rows])}
        connection.execute(self._queries["erase_keys"], those)
        return connection.changes()

    def _erase_records(
        self, numbers: Sequence[int], before: int, _now: datetime, connection: apsw.Connection
    ) -> int:
        chosen = {"numbers": json.dumps(numbers), "before": before}
        rows = connection.execute(self._queries["still_without_content"], chosen).fetchall()
        those = {"numbers": json.dumps([row[0] for row in rows])}
        for statement in ("erase_events", "erase_attempts", "erase_keys", "erase_messages"):
            connection.execute(self._queries[statement], those)
        return len(rows)


def read_holdings(queries: Mapping[str, str], connection: apsw.Connection) -> list[Holding]:
    """What a database holds, see ``RetentionStore.holdings``."""
    return [
        Holding(
            operation=operation,
            operation_version=version,
            kind=OperationKind(kind),
            has_content=has_content,
            since=moment(settled_at),
        )
        for statement, has_content in (("with_content", True), ("without_content", False))
        for operation, version, kind, settled_at in connection.execute(queries[statement])
    ]


def count_due(queries: Mapping[str, str], due: Due, connection: apsw.Connection) -> int:
    """See ``RetentionStore.count_due``; of records also those whose content is due as well."""
    statements = [f"due_{due.part}"]
    if due.part is Part.RECORD:
        statements.append(f"due_{Part.PAYLOAD}")
    return sum(len(page) for one in statements for page in _pages(queries[one], due, connection))


def count_refusals(
    queries: Mapping[str, str], before: datetime, connection: apsw.Connection
) -> int:
    """See ``RetentionStore.count_refusals``."""
    counted: int = connection.execute(queries["count_refusals"], (micros(before),)).get
    return counted


def _pages(statement: str, due: Due, connection: apsw.Connection) -> Iterator[Sequence[Row]]:
    after = None
    while page := _find(statement, _bindings(due, limit=COUNTED_AT_ONCE, after=after), connection):
        yield page
        after = _cursor_after(page[-1])


def _find(
    statement: str, bindings: Mapping[str, int | str], connection: apsw.Connection
) -> Sequence[Row]:
    return connection.execute(statement, bindings).fetchall()


def _bindings(due: Due, *, limit: int, after: str | None) -> Mapping[str, int | str]:
    after_at, number = _FIRST if after is None else read_cursor(after)
    return {
        "operation": due.operation,
        "operation_version": due.operation_version,
        "before": micros(due.settled_before),
        "after_at": after_at,
        "after_number": int(number),
        "states": json.dumps(sorted(due.states)),
        "limit": limit,
    }


def _affordable(rows: Sequence[Row]) -> Sequence[Row]:
    """The first of the rows that together do not take too long; at least one."""
    total = 0
    for index, row in enumerate(rows):
        total += row[2]
        if total > LARGEST_BATCH_BYTES:
            return rows[: max(index, 1)]
    return rows


def _cursor_after(row: Row) -> str:
    return new_cursor(row[1], str(row[0]))
