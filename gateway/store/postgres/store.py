"""The message store on PostgreSQL: any number of gateway processes on one database.

Kept out: what is written (``accepting``, ``advancing``), how writes are grouped (``groups``), the
statements (``queries.sql``) and the tables (``migrations``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from gateway.errors import StoreUnavailableError, TransitionConflictError
from gateway.messaging.channel_state import ChannelEntry, ChannelState
from gateway.messaging.condition import Queue, StoreCondition
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim, Claimed, Scope
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Attempt, HistoryEvent, Message, MessageId, Stage, StageKind
from gateway.messaging.peers import News
from gateway.messaging.ports import MessageFilter, Step
from gateway.messaging.refusal import Refusal, RefusalFilter
from gateway.messaging.sequence import Finding, SeenNumber
from gateway.messaging.terms import Terms
from gateway.store.channels import channel_of, channel_row, entry_of, entry_row
from gateway.store.line_list import StoredLines
from gateway.store.number_list import StoredSequences
from gateway.store.postgres.accepting import Accepting, NewMessage, new_message
from gateway.store.postgres.advancing import Advancing, Move
from gateway.store.postgres.columns import columns
from gateway.store.postgres.database import Database, Source, UnsureError
from gateway.store.postgres.groups import Group
from gateway.store.postgres.heads import Heads
from gateway.store.postgres.leasing import Leasing
from gateway.store.postgres.line import Line, Rhythm
from gateway.store.postgres.numbers import Numbers
from gateway.store.postgres.replaying import Replaying
from gateway.store.postgres.schema import migrate
from gateway.store.postgres.terms import UnderTerms
from gateway.store.refusals import (
    refusal_cursor,
    refusal_of,
    refusal_row,
    refusals_bindings,
    refusals_statement,
)
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
    stage_of,
)
from gateway.store.search import bindings_for, cursor_after, statement_for

T = TypeVar("T")

PROBE_SECONDS = 2.0
"""A write that takes longer is none that a caller could wait for."""

PATIENCE_SECONDS = 10.0
"""How long a change whose connection broke is asked after; a server restarts in less."""

_PAUSE_SECONDS = 0.2


class PostgresStore:
    """A ``MessageStore`` in one PostgreSQL database, shared with its ``Peers``.

    All calls come from the event loop that opened it.

    Attributes:
        replaying: Messages that go again; what is kept of dead letters needs it too.
    """

    def __init__(self, source: Source, rhythm: Rhythm | None = None) -> None:
        self._database = Database(source)
        self._line = Line(self._database, rhythm or Rhythm())
        self._numbers = Numbers(self._database)
        self._under_terms = UnderTerms(self._database, self._numbers, self._line.process)
        shared = (self._database, Heads(), self._line.process)
        self._leasing = Leasing(*shared)
        self._accepts = Group(Accepting(*shared).carry_out)
        self._moves = Group(Advancing(*shared).carry_out)
        self.replaying = Replaying(*shared)
        self._open: AsyncExitStack | None = None

    @property
    def database(self) -> Database:
        """For other parts of this store, with statements of their own."""
        return self._database

    @property
    def lines(self) -> StoredLines:
        """See ``MessageStore``."""
        return StoredLines(self._rows)

    @property
    def sequences(self) -> StoredSequences:
        """See ``MessageStore``."""
        return StoredSequences(self._rows, self._note_number, self._numbers.go_on_after)

    async def open(self) -> None:
        """See ``MessageStore``."""
        async with AsyncExitStack() as opening:
            await self._database.open()
            opening.push_async_callback(self._database.close)
            await migrate(self._database)
            await self._line.open()
            opening.push_async_callback(self._line.leave)
            tasks = await opening.enter_async_context(asyncio.TaskGroup())
            for part in (self._accepts, self._moves, self._line):
                part.start(tasks)
            opening.callback(self._line.stop)
            self._open = opening.pop_all()

    async def close(self) -> None:
        """See ``MessageStore``; a second call does nothing."""
        opened, self._open = self._open, None
        if opened is not None:
            await opened.aclose()

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
        self._require_open()
        if terms is not None:
            accept = partial(self._under_terms.accept, message, stages, entries, claim, terms)
            return await self._accept_under_terms(message.id, accept)
        new = new_message(message, stages, entries, claim)
        try:
            await self._accepts.submit(new, size_bytes=new.size_bytes)
        except UnsureError:
            await self._find_out(new)
        self._tell_of(message)
        return message

    async def _accept_under_terms(
        self, message_id: MessageId, accept: Callable[[], Awaitable[Message]]
    ) -> Message:
        try:
            message = await accept()
        except UnsureError:
            again = partial(self._accept_unless_there, message_id, accept)
            message = await self._patiently(again)
        self._tell_of(message)
        return message

    async def _accept_unless_there(
        self, message_id: MessageId, accept: Callable[[], Awaitable[Message]]
    ) -> Message:
        """Store a message that may be stored already; if not, it gave its numbers back."""
        if (known := await self.get(message_id)) is not None:
            return known
        try:
            return await accept()
        except TransitionConflictError:
            if (known := await self.get(message_id)) is None:
                raise
            return known

    def _tell_of(self, message: Message) -> None:
        """Tell other processes that something may be due: this one, or the next one of its line."""
        if message.next_attempt_at is not None or message.in_line is False:
            self._line.bulletin.due(message.channel)

    async def _find_out(self, new: NewMessage) -> None:
        """Store a message that may be stored already."""
        try:
            await self._patiently(partial(self._accept_again, new))
        except StoreUnavailableError:
            if new.state is State.DELIVERING:
                self._leasing.note(new.channel, new.id, new.head)
            raise

    async def _accept_again(self, new: NewMessage) -> None:
        try:
            await self._accepts.submit(new, size_bytes=new.size_bytes)
        except TransitionConflictError:
            # Its own id, or its own key, may be what stands in its way.
            if not await self._database.read("messages", [new.id]):
                raise

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
        self._require_open()
        if step.entry.state is State.ACCEPTED:
            return self.tell(await self.replaying.alone(step))
        move = Move(step=step)
        try:
            message = await self._moves.submit(move, size_bytes=move.size_bytes)
        except StoreUnavailableError:
            # What an authority said is in hand: a server that restarts must not have it lost.
            message = await self._patiently(partial(self._advance_again, move))
        return self.tell(message)

    def tell(self, message: Message) -> Message:
        """Let other processes know that a message was moved; returns it."""
        self._line.bulletin.moved(message.id)
        self._tell_of(message)
        return message

    async def _advance_again(self, move: Move) -> Message:
        if move.sent:
            taken = await self._database.read("message_of_event", move.step.message_id, move.sent)
            if taken:
                return message_of(taken[0])
        return await self._moves.submit(move, size_bytes=move.size_bytes)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try as long as a server takes to restart."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            self._require_open()
            try:
                return await attempt()
            except StoreUnavailableError:
                if loop.time() > until:
                    raise

    def listen(self, heard: Callable[[News], None]) -> None:
        """See ``Peers``."""
        self._line.listen(heard)

    def may_send(self) -> bool:
        """See ``Peers``."""
        return self._line.may_send()

    def are_there(self) -> bool:
        """See ``Peers``."""
        return self._line.bulletin.has_readers

    async def messages(self, ids: Sequence[MessageId]) -> list[Message]:
        """See ``Peers``."""
        return await self._rows("messages", (ids,), message_of)

    async def lease_due(self, *, channel: str, now: datetime, limit: int) -> list[Message]:
        """See ``MessageStore``."""
        return await self._leasing.lease_due(channel=channel, now=now, limit=limit)

    async def next_due_at(self, *, but: Collection[str] = ()) -> datetime | None:
        """See ``MessageStore``."""
        rows = await self._rows("next_due", (list(but),), tuple)
        return None if rows[0][0] is None else moment(rows[0][0])

    async def plan_anew(self, *, later_than: datetime, now: datetime) -> int:
        """See ``MessageStore``."""
        return len(await self._database.write("plan_anew", micros(now), micros(later_than)))

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
        """See ``MessageStore``; how much room the server has is not known here."""
        self._require_open()
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self._database.write("touch")
        except (StoreUnavailableError, TimeoutError):
            return StoreCondition(writes=False, free_bytes=None)
        return StoreCondition(writes=True, free_bytes=None)

    async def get(self, message_id: MessageId) -> Message | None:
        """See ``MessageStore``."""
        return _first(await self._rows("messages", ([message_id],), message_of))

    async def stage(self, message_id: MessageId, kind: StageKind) -> Stage | None:
        """See ``MessageStore``."""
        return _first(await self._rows("stage", (message_id, kind), stage_of))

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
        found = await self._rows(statement_for(wanted), tuple(bindings.values()), message_of)
        page = found[:limit]
        return page, cursor_after(page[-1]) if len(found) > limit else None

    async def record_refusals(self, refusals: Sequence[Refusal]) -> None:
        """See ``MessageStore``."""
        rows = [refusal_row(refusal) for refusal in refusals]
        await self._database.write("add_refusals", *columns(rows, 9))

    async def channel_states(self) -> Sequence[ChannelState]:
        """See ``ChannelStates``."""
        return await self._rows("channels", (), channel_of)

    async def change_channel(
        self, state: ChannelState, entry: ChannelEntry | None = None
    ) -> ChannelState | None:
        """See ``ChannelStates``.

        A connection that breaks meanwhile may have made the change: the caller, who asks again on
        the same revision, is then refused and looks anew.
        """
        changed = replace(state, revision=state.revision + 1)
        line = (None,) * 4 if entry is None else entry_row(state.name, entry)[1:]
        made = await self._database.write("change_channel", *channel_row(changed), *line)
        return changed if made else None

    async def channel_history(self, name: str, *, limit: int) -> Sequence[ChannelEntry]:
        """See ``ChannelStates``."""
        return await self._rows("channel_history", (name, limit), entry_of)

    async def find_refusals(
        self, wanted: RefusalFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Refusal], str | None]:
        """See ``MessageStore``."""
        bindings = refusals_bindings(wanted, limit=limit + 1, before=before)
        rows = await self._rows(refusals_statement(wanted), tuple(bindings.values()), tuple)
        page = [refusal_of(row) for row in rows[:limit]]
        return page, refusal_cursor(rows[limit - 1]) if len(rows) > limit else None

    async def _rows(
        self, query: str, arguments: Sequence[object], value_of: Callable[[Row], T]
    ) -> list[T]:
        return [value_of(row) for row in await self._database.read(query, *arguments)]

    async def _note_number(self, message: Message, seen: SeenNumber, now: datetime) -> Finding:
        note = partial(self._numbers.note, message, seen, now)
        try:
            return await note()
        except UnsureError:
            return await self._patiently(note)  # noting it twice changes nothing

    def _require_open(self) -> None:
        if self._open is None:
            raise StoreUnavailableError("The message store is not open.")


def _first(found: Sequence[T]) -> T | None:
    return found[0] if found else None
