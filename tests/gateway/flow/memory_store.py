"""A message store in memory, so that tests of the journey need no disk and can take it down."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from gateway.errors import KeyTakenError, StoreUnavailableError, TransitionConflictError
from gateway.messaging.channel_state import ChannelEntry, ChannelState
from gateway.messaging.condition import Queue, StoreCondition
from gateway.messaging.history import START, Entry, chain
from gateway.messaging.idempotency import Claim, Claimed, Scope
from gateway.messaging.lifecycle import TRANSITIONS, State, is_settled, may_move
from gateway.messaging.message import (
    Attempt,
    HistoryEvent,
    Message,
    MessageId,
    Stage,
    StageKind,
)
from gateway.messaging.order import FREE, Line, LineStore
from gateway.messaging.ports import MessageFilter, MessageStore, Step
from gateway.messaging.refusal import Refusal, RefusalFilter
from gateway.messaging.sequence import (
    Finding,
    Gap,
    LastNumber,
    Missing,
    SeenNumber,
    SequenceStore,
    Unsent,
)
from gateway.messaging.terms import Terms

DUE = frozenset({State.ACCEPTED, State.RETRYING})
MORTAL = DUE | {State.AWAITING_ANSWER}


class MemoryStore(MessageStore):
    """Keeps messages as long as the test runs; ``before`` sees every call's name first."""

    def __init__(self) -> None:
        self.messages: dict[MessageId, Message] = {}
        self.stages: dict[tuple[MessageId, StageKind], Stage] = {}
        self.events: dict[MessageId, list[HistoryEvent]] = {}
        self.tries: dict[MessageId, list[Attempt]] = {}
        self.refusals: list[Refusal] = []
        self.keys: dict[Scope, tuple[bytes, MessageId]] = {}
        self.numbers = MemorySequences()
        self.last_numbers: dict[str, int] = {}
        self.told_lines: list[Line] = []
        self.order_keys: dict[MessageId, bytes | None] = {}
        self.channels: dict[str, ChannelState] = {}
        self.channel_lines: list[tuple[str, ChannelEntry]] = []
        self.is_open = False
        self.down: set[str] = set()
        self.before: Callable[[str], None] = lambda _name: None

    def _enter(self, name: str) -> None:
        self.before(name)
        if name in self.down:
            raise StoreUnavailableError("The test took the store down.")

    @property
    @override
    def sequences(self) -> "MemorySequences":
        return self.numbers

    @property
    @override
    def lines(self) -> "MemoryLines":
        return MemoryLines(self)

    @override
    async def open(self) -> None:
        self.is_open = True

    @override
    async def close(self) -> None:
        self.is_open = False

    @override
    async def accept(
        self,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        *,
        claim: Claim | None = None,
        terms: Terms | None = None,
    ) -> Message:
        self._enter("accept")
        if claim is not None:
            self._take_key(claim, message.id)
        self.messages[message.id] = message
        self.events[message.id] = []
        self.tries[message.id] = []
        for entry in entries:
            self._append(message.id, entry)
        for stage in self._numbered(stages, terms):
            self.stages[message.id, stage.kind] = stage
        if message.state is State.DELIVERING:
            self.tries[message.id].append(Attempt(number=1, started_at=message.accepted_at))
        ordered = terms is not None and terms.order_key is not None
        return self._join(message, terms.order_key) if terms and ordered else message

    def _numbered(self, stages: Sequence[Stage], terms: Terms | None) -> Sequence[Stage]:
        if terms is None or terms.numbering is None:
            return stages
        given = {
            field.name: self.last_numbers.get(field.name, field.first - 1) + 1
            for field in terms.numbering.fields
        }
        written = terms.numbering.write(given)
        self.last_numbers |= given
        return written

    def _join(self, message: Message, key: bytes | None) -> Message:
        """Only one message of a key has a planned attempt; deadlines of others stand still here."""
        waits = any(
            other.in_line and self.order_keys.get(other.id) == key
            for other in self.messages.values()
        )
        self.order_keys[message.id] = key
        joined = replace(
            message, in_line=True, next_attempt_at=None if waits else message.accepted_at
        )
        self.messages[message.id] = joined
        return joined

    def _leave(self, message: Message) -> Message:
        left = self.messages[message.id] = replace(message, in_line=False)
        key = self.order_keys[message.id]
        line = [m for m in self.messages.values() if m.in_line and self.order_keys[m.id] == key]
        if line and line[0].waits_in_line:
            self.messages[line[0].id] = replace(line[0], next_attempt_at=message.settled_at)
        return left

    def _take_key(self, claim: Claim, message_id: MessageId) -> None:
        fingerprint, owner = self.keys.get(claim.scope, (claim.fingerprint, None))
        expired = owner is None or self.messages[owner].state is State.EXPIRED
        if not expired or fingerprint != claim.fingerprint:
            raise KeyTakenError("The key is taken.")
        self.keys[claim.scope] = claim.fingerprint, message_id

    @override
    async def claimed(self, scope: Scope) -> Claimed | None:
        self._enter("claimed")
        fingerprint, owner = self.keys.get(scope, (b"", None))
        if owner is None:
            return None
        return Claimed(fingerprint=fingerprint, message=self.messages[owner])

    @override
    async def fingerprint_key(self) -> bytes:
        return bytes(32)

    @override
    async def advance(self, step: Step) -> Message:
        self._enter("advance")
        message = self.messages.get(step.message_id)
        end = step.entry.state
        if (
            message is None
            or message.state not in step.start
            or not (message.state is end or may_move(message.state, end))
        ):
            raise TransitionConflictError("No such move.")
        return self._move(message, step)

    def _move(self, message: Message, step: Step) -> Message:
        entry, tries = step.entry, self.tries[message.id]
        self._append(message.id, entry)
        if step.ends_attempt is not None and tries[-1].ended_at is None:
            tries[-1] = replace(
                tries[-1], ended_at=entry.at, result=step.ends_attempt, code=entry.code
            )
        if step.begins_attempt:
            tries.append(Attempt(number=message.attempts + 1, started_at=entry.at))
        for stage in step.stages:
            self.stages[message.id, stage.kind] = stage
        moved = replace(
            message,
            state=entry.state,
            outcome=step.outcome or message.outcome,
            settled_at=(message.settled_at or entry.at) if is_settled(entry.state) else None,
            deadline_at=step.deadline_at or message.deadline_at,
            next_attempt_at=step.next_attempt_at,
            attempts=message.attempts + step.begins_attempt,
            code=entry.code,
        )
        self.messages[message.id] = moved
        if moved.in_line and (step.leaves_line or entry.state in FREE):
            return self._leave(moved)
        return moved

    def _append(self, message_id: MessageId, entry: Entry) -> None:
        events = self.events[message_id]
        previous = events[-1].hash if events else START
        events.append(chain(message_id, entry, number=len(events) + 1, previous=previous))

    @override
    async def lease_due(self, *, channel: str, now: datetime, limit: int) -> list[Message]:
        self._enter("lease_due")
        due = [
            (message.next_attempt_at, message)
            for message in self.messages.values()
            if message.channel == channel
            and message.state in DUE
            and message.next_attempt_at is not None
            and message.next_attempt_at <= now < message.deadline_at
        ]
        due.sort(key=lambda pair: pair[0])
        return [self._lease(message, now) for _, message in due[:limit]]

    def _lease(self, message: Message, now: datetime) -> Message:
        entry = Entry(
            at=now,
            event="delivery.started",
            state=State.DELIVERING,
            attempt=message.attempts + 1,
        )
        return self._move(
            message, Step(message_id=message.id, start=DUE, entry=entry, begins_attempt=True)
        )

    @override
    async def next_due_at(self, *, but: Collection[str] = ()) -> datetime | None:
        self._enter("next_due_at")
        due = [
            m.next_attempt_at
            for m in self.messages.values()
            if m.state in DUE and m.channel not in but
        ]
        over = [m.deadline_at for m in self.messages.values() if m.state in MORTAL]
        return min([at for at in [*due, *over] if at is not None], default=None)

    @override
    async def plan_anew(self, *, later_than: datetime, now: datetime) -> int:
        self._enter("plan_anew")
        far = [
            m
            for m in self.messages.values()
            if m.state in DUE and m.next_attempt_at is not None and m.next_attempt_at > later_than
        ]
        self.messages |= {m.id: replace(m, next_attempt_at=now) for m in far}
        return len(far)

    @override
    async def past_deadline(self, *, now: datetime, limit: int) -> list[Message]:
        self._enter("past_deadline")
        over = [m for m in self.messages.values() if m.state in MORTAL and m.deadline_at <= now]
        return over[:limit]

    @override
    async def interrupted(self) -> list[Message]:
        return [m for m in self.messages.values() if m.state is State.DELIVERING]

    @override
    async def queues(self) -> list[Queue]:
        self._enter("queues")
        waiting: dict[str, list[datetime]] = {}
        for message in self.messages.values():
            if message.next_attempt_at is not None:
                waiting.setdefault(message.channel, []).append(message.next_attempt_at)
        return [
            Queue(channel=channel, waiting=len(due), due_since=min(due))
            for channel, due in waiting.items()
        ]

    @override
    async def standing(self) -> Mapping[State, int]:
        return Counter(m.state for m in self.messages.values() if TRANSITIONS[m.state])

    @override
    async def condition(self) -> StoreCondition:
        self._enter("condition")
        return StoreCondition(writes="write" not in self.down, free_bytes=2**40)

    @override
    async def get(self, message_id: MessageId) -> Message | None:
        self._enter("get")
        return self.messages.get(message_id)

    @override
    async def stage(self, message_id: MessageId, kind: StageKind) -> Stage | None:
        return self.stages.get((message_id, kind))

    @override
    async def history(self, message_id: MessageId) -> list[HistoryEvent]:
        return self.events[message_id]

    @override
    async def attempts(self, message_id: MessageId) -> list[Attempt]:
        return self.tries[message_id]

    @override
    async def find(
        self, wanted: MessageFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Message], str | None]:
        found = [
            message
            for message in self.messages.values()
            if (wanted.tenant, wanted.caller) == (message.tenant, message.caller)
        ]
        return found[:limit], None

    @override
    async def channel_states(self) -> Sequence[ChannelState]:
        self._enter("channel_states")
        return list(self.channels.values())

    @override
    async def change_channel(
        self, state: ChannelState, entry: ChannelEntry | None = None
    ) -> ChannelState | None:
        self._enter("change_channel")
        known = self.channels.get(state.name, ChannelState(name=state.name))
        if known.revision != state.revision:
            return None
        stored = self.channels[state.name] = replace(state, revision=state.revision + 1)
        if entry is not None:
            self.channel_lines.append((state.name, entry))
        return stored

    @override
    async def channel_history(self, name: str, *, limit: int) -> Sequence[ChannelEntry]:
        lines = [entry for channel, entry in self.channel_lines if channel == name]
        return lines[::-1][:limit]

    @override
    async def record_refusals(self, refusals: Sequence[Refusal]) -> None:
        self._enter("record_refusals")
        self.refusals.extend(refusals)

    @override
    async def find_refusals(
        self, wanted: RefusalFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Refusal], str | None]:
        del before
        mine = [one for one in self.refusals if one.caller == wanted.caller]
        return mine[::-1][:limit], None


class MemorySequences(SequenceStore):
    """Notes numbers, and finds what the test says."""

    def __init__(self) -> None:
        self.noted: list[tuple[MessageId, str, int]] = []
        self.findings: list[Finding] = []
        self.told_missing: list[Missing] = []

    @override
    async def note(self, message: Message, seen: SeenNumber, *, now: datetime) -> Finding:
        self.noted.append((message.id, seen.field.name, seen.number))
        return self.findings.pop(0) if self.findings else Finding.EXPECTED

    @override
    async def gaps(self, channel: str) -> list[Gap]:
        return []

    @override
    async def unsent(
        self, channel: str, *, tenant: str | None = None, caller: str | None = None
    ) -> list[Unsent]:
        return []

    @override
    async def last_numbers(self) -> list[LastNumber]:
        return []

    @override
    async def go_on_after(self, last: LastNumber) -> None:
        raise NotImplementedError

    @override
    async def missing(self) -> list[Missing]:
        return self.told_missing


class MemoryLines(LineStore):
    """Who waits in a memory store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @override
    async def blocked_by(self, waiting: Collection[MessageId]) -> Mapping[MessageId, MessageId]:
        keys, messages = self._store.order_keys, self._store.messages.values()
        return {
            one: next(m.id for m in messages if m.in_line and keys[m.id] == keys[one])
            for one in waiting
            if self._store.messages[one].waits_in_line
        }

    @override
    async def lines(self) -> list[Line]:
        self._store._enter("lines")
        return list(self._store.told_lines)
