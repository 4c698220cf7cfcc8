"""The message store on SQLite: one gateway process, one file, nothing else to install.

Kept out: what is written (``transactions``), how writes are grouped (``writer``), the statements
(``queries.sql``) and the tables (``migrations``).
"""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import apsw

from gateway.errors import MessageRefusedError, StoreUnavailableError, TransitionConflictError
from gateway.messaging.channel_state import ChannelEntry, ChannelState
from gateway.messaging.condition import Queue, StoreCondition
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim, Claimed, Scope
from gateway.messaging.lifecycle import State
from gateway.messaging.message import (
    Attempt,
    HistoryEvent,
    Message,
    MessageId,
    Stage,
    StageKind,
)
from gateway.messaging.ports import MessageFilter, Step
from gateway.messaging.refusal import Refusal, RefusalFilter
from gateway.messaging.sequence import Finding, LastNumber, SeenNumber
from gateway.messaging.terms import Terms
from gateway.store.channels import change_channel, channel_of, entry_of
from gateway.store.faults import unavailable
from gateway.store.line_list import StoredLines
from gateway.store.lock import StoreLock
from gateway.store.number_list import StoredSequences
from gateway.store.pieces import PIECE_BYTES, Pieces, read_stage
from gateway.store.queries import load_queries
from gateway.store.readers import Readers
from gateway.store.refusals import (
    refusal_cursor,
    refusal_of,
    refusals_bindings,
    refusals_statement,
)
from gateway.store.room import Room
from gateway.store.rows import (
    STATES,
    Row,
    attempt_of,
    claimed_of,
    event_of,
    message_of,
    micros,
    moment,
    queue_of,
    scope_row,
)
from gateway.store.schema import load_migrations, migrate
from gateway.store.search import bindings_for, cursor_after, statement_for
from gateway.store.transactions import Transactions
from gateway.store.writer import Writer

T = TypeVar("T")
Bindings = Sequence[int | str] | Mapping[str, int | str | None]

READERS = 2
"""Reading threads: a long list must not hold up a look at one message."""

PROBE_SECONDS = 2.0
"""A write that takes longer is none that a caller could wait for."""

_PATIENCE_MILLISECONDS = 5_000
_CACHE_KIBIBYTES = 8_192  # holds a whole batch, so that none is written before its commit
_OWNER_ONLY = 0o600


@dataclass(frozen=True, kw_only=True, slots=True)
class _Opened:
    connections: Sequence[apsw.Connection]
    transactions: Transactions
    writer: Writer
    pieces: Pieces
    readers: Readers


class SqliteStore:
    """A ``MessageStore`` in one SQLite file, for exactly one gateway process.

    All calls come from the event loop that opened it. Beside the file lie ``…-wal`` and ``…-shm``
    while it is open, and ``….lock``.
    """

    def __init__(self, path: Path, *, reserve_bytes: int = 0) -> None:
        self._path = path
        self._room = Room(path.parent, reserve_bytes)
        self._queries = load_queries()
        self._lock = StoreLock(path.with_name(path.name + ".lock"))
        self._open: _Opened | None = None

    @property
    def lines(self) -> StoredLines:
        """See ``MessageStore``."""
        return StoredLines(self._rows)

    @property
    def sequences(self) -> StoredSequences:
        """See ``MessageStore``."""
        return StoredSequences(self._rows, self._note_number, self._set_last)

    async def open(self) -> None:
        """See ``MessageStore``."""
        self._lock.take()
        connections: list[apsw.Connection] = []
        try:
            self._open = self._connect(connections)
        except apsw.Error as error:
            raise unavailable(error) from None
        finally:
            if self._open is None:
                _close(connections)
                self._lock.give_back()
        self._open.writer.start()
        self._open.readers.start()

    async def close(self) -> None:
        """See ``MessageStore``; a second call does nothing."""
        opened, self._open = self._open, None
        if opened is not None:
            await opened.writer.stop()
            opened.readers.stop()
            _close(opened.connections)
            self._lock.give_back()

    async def accept(
        self,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        *,
        claim: Claim | None = None,
        terms: Terms | None = None,
    ) -> Message:
        """See ``MessageStore``."""
        opened = self._opened()
        self._room.require()
        size_bytes = _size(stages)
        # What is written in the transaction, with its numbers, can be in no pieces before.
        numbered = terms is not None and terms.numbering is not None
        if size_bytes > PIECE_BYTES and not numbered:
            stages = await opened.pieces.put(stages)
            size_bytes = _size(stages)
        change = partial(
            opened.transactions.accept, message, stages, entries, claim=claim, terms=terms
        )
        return await _write(opened, change, stages, size_bytes=size_bytes)

    async def claimed(self, scope: Scope) -> Claimed | None:
        """See ``MessageStore``."""
        return _first(await self._rows("claimed", scope_row(scope), claimed_of))

    async def fingerprint_key(self) -> bytes:
        """See ``MessageStore``."""
        rows = await self._rows("secret", ("fingerprint",), tuple)
        key: bytes = rows[0][0]
        return key

    async def advance(self, step: Step) -> Message:
        """See ``MessageStore``."""
        opened = self._opened()
        if (size_bytes := _size(step.stages)) > PIECE_BYTES:
            step = replace(step, stages=await opened.pieces.put(step.stages))
            size_bytes = _size(step.stages)
        change = partial(opened.transactions.advance, step)
        return await _write(opened, change, step.stages, size_bytes=size_bytes)

    async def lease_due(self, *, channel: str, now: datetime, limit: int) -> list[Message]:
        """See ``MessageStore``."""
        opened = self._opened()
        return await opened.writer.submit(
            partial(opened.transactions.lease_due, channel, now, limit)
        )

    async def next_due_at(self, *, but: Collection[str] = ()) -> datetime | None:
        """See ``MessageStore``."""
        rows = await self._rows("next_due", (json.dumps(list(but)),), tuple)
        return None if rows[0][0] is None else moment(rows[0][0])

    async def plan_anew(self, *, later_than: datetime, now: datetime) -> int:
        """See ``MessageStore``."""
        opened = self._opened()
        return await opened.writer.submit(
            partial(opened.transactions.plan_anew, later_than=later_than, now=now)
        )

    async def past_deadline(self, *, now: datetime, limit: int) -> list[Message]:
        """See ``MessageStore``."""
        return await self._rows("past_deadline", (micros(now), limit), message_of)

    async def interrupted(self) -> list[Message]:
        """See ``MessageStore``."""
        return await self._rows("interrupted", (), message_of)

    async def queues(self) -> list[Queue]:
        """See ``MessageStore``."""
        return await self._rows("queues", (), queue_of)

    async def standing(self) -> Mapping[State, int]:
        """See ``MessageStore``."""
        return {STATES[state]: count for state, count in await self._rows("standing", (), tuple)}

    async def condition(self) -> StoreCondition:
        """See ``MessageStore``."""
        opened = self._opened()
        probe = opened.writer.submit(opened.transactions.touch)
        probe.add_done_callback(_forget)
        done, _ = await asyncio.wait({probe}, timeout=PROBE_SECONDS)
        return StoreCondition(
            writes=bool(done) and probe.exception() is None,
            free_bytes=shutil.disk_usage(self._path.parent).free,
        )

    async def get(self, message_id: MessageId) -> Message | None:
        """See ``MessageStore``."""
        return _first(await self._rows("message", (message_id,), message_of))

    async def stage(self, message_id: MessageId, kind: StageKind) -> Stage | None:
        """See ``MessageStore``."""
        opened = self._opened()
        return await opened.readers.submit(
            lambda connection: read_stage(connection, self._queries, message_id, kind)
        )

    async def history(self, message_id: MessageId) -> list[HistoryEvent]:
        """See ``MessageStore``."""
        return await self._rows("history", (message_id,), event_of)

    async def attempts(self, message_id: MessageId) -> list[Attempt]:
        """See ``MessageStore``."""
        return await self._rows("attempts", (message_id,), attempt_of)

    async def find(
        self, wanted: MessageFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Message], str | None]:
        """See ``MessageStore``."""
        # One more than asked for tells whether there is a further page.
        bindings = bindings_for(wanted, limit=limit + 1, before=before)
        found = await self._rows(statement_for(wanted), bindings, message_of)
        page = found[:limit]
        return page, cursor_after(page[-1]) if len(found) > limit else None

    async def record_refusals(self, refusals: Sequence[Refusal]) -> None:
        """See ``MessageStore``."""
        opened = self._opened()
        await opened.writer.submit(partial(opened.transactions.add_refusals, refusals))

    async def channel_states(self) -> Sequence[ChannelState]:
        """See ``ChannelStates``."""
        return await self._rows("channels", (), channel_of)

    async def change_channel(
        self, state: ChannelState, entry: ChannelEntry | None = None
    ) -> ChannelState | None:
        """See ``ChannelStates``."""
        opened = self._opened()
        writing, queries = opened.connections[0], self._queries
        return await opened.writer.submit(partial(change_channel, writing, queries, state, entry))

    async def channel_history(self, name: str, *, limit: int) -> Sequence[ChannelEntry]:
        """See ``ChannelStates``."""
        return await self._rows("channel_history", (name, limit), entry_of)

    async def find_refusals(
        self, wanted: RefusalFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Refusal], str | None]:
        """See ``MessageStore``."""
        bindings = refusals_bindings(wanted, limit=limit + 1, before=before)
        rows = await self._rows(refusals_statement(wanted), bindings, tuple)
        page = [refusal_of(row) for row in rows[:limit]]
        return page, refusal_cursor(rows[limit - 1]) if len(rows) > limit else None

    async def look(self, read: Callable[[apsw.Connection], T]) -> T:
        """Read for another part of the store, beside the writer."""
        return await self._opened().readers.submit(read)

    async def change(self, change: Callable[[apsw.Connection], T], *, size_bytes: int = 0) -> T:
        """Carry out a change of another part of the store; durable on return, or undone."""
        opened = self._opened()
        bound = partial(change, opened.connections[0])
        return await opened.writer.submit(bound, size_bytes=size_bytes)

    async def empty_log(self) -> bool:
        """Copy the log into the database and empty it; false: a reader was in the way."""
        return await self._opened().writer.empty_log()

    async def _set_last(self, last: LastNumber) -> None:
        opened = self._opened()
        await opened.writer.submit(partial(opened.transactions.numbers.go_on_after, last))

    async def _note_number(self, message: Message, seen: SeenNumber, now: datetime) -> Finding:
        opened = self._opened()
        note = partial(opened.transactions.numbers.note, message, seen, now)
        return await opened.writer.submit(note)

    async def _rows(self, query: str, bindings: Bindings, value_of: Callable[[Row], T]) -> list[T]:
        statement = self._queries[query]

        def read(connection: apsw.Connection) -> list[T]:
            return [value_of(row) for row in connection.execute(statement, bindings)]

        return await self._opened().readers.submit(read)

    def parts(self) -> _Opened:
        """The open parts, for other modules of this room that read and write with them."""
        return self._opened()

    def _opened(self) -> _Opened:
        if self._open is None:
            raise StoreUnavailableError("The message store is not open.")
        return self._open

    def _connect(self, connections: list[apsw.Connection]) -> _Opened:
        """Open the connections, adding each to the list at once, and migrate."""
        _create(self._path)
        writing = self._connection(connections)
        writing.pragma("journal_mode", "wal")
        writing.pragma("synchronous", "full")
        writing.pragma("cache_size", -_CACHE_KIBIBYTES)
        writing.pragma("secure_delete", "on")  # what is erased is overwritten, not only forgotten
        migrate(writing, load_migrations())
        writing.execute(self._queries["drop_strays"])
        writing.execute(self._queries["forget_strays"])
        writing.set_busy_timeout(0)  # the event loop never waits; see Writer
        for _ in range(READERS):
            self._connection(connections).pragma("query_only", value=True)
        transactions = Transactions(writing, self._queries)
        writer = Writer(writing, self._queries, self._path)
        return _Opened(
            connections=connections,
            transactions=transactions,
            writer=writer,
            pieces=Pieces(transactions=transactions, writer=writer),
            readers=Readers(connections[1:]),
        )

    def _connection(self, connections: list[apsw.Connection]) -> apsw.Connection:
        connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)
        connections.append(connection)
        connection.set_busy_timeout(_PATIENCE_MILLISECONDS)
        return connection


def _forget(probe: asyncio.Future[None]) -> None:
    """Look at the outcome of a write that nobody may wait for any more."""
    if not probe.cancelled():
        probe.exception()


def _create(path: Path) -> None:
    """Make an empty file that only its owner can read; SQLite's own files take over its mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY))
    except OSError:
        raise apsw.CantOpenError from None


async def _write(
    opened: _Opened, change: Callable[[], T], stored: Sequence[Stage], *, size_bytes: int
) -> T:
    """Carry a change out; what was stored ahead of one that is refused goes again."""
    try:
        return await opened.writer.submit(change, size_bytes=size_bytes)
    except (TransitionConflictError, MessageRefusedError):
        await opened.pieces.drop(stored)
        raise


def _size(stages: Sequence[Stage]) -> int:
    return sum([len(stage.body) for stage in stages])


def _first(found: Sequence[T]) -> T | None:
    return found[0] if found else None


def _close(connections: Sequence[apsw.Connection]) -> None:
    for connection in reversed(connections):
        connection.close()
