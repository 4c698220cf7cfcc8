"""What the journey of a message needs from outside, as Protocols. The docstrings are contracts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.messaging.channel_state import ChannelStates
from gateway.messaging.condition import Queue, StoreCondition
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim, Claimed, Scope
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import (
    Attempt,
    AttemptResult,
    HistoryEvent,
    Message,
    MessageId,
    Stage,
    StageKind,
)
from gateway.messaging.order import LineStore
from gateway.messaging.refusal import Refusal, RefusalFilter
from gateway.messaging.sequence import SequenceStore
from gateway.messaging.terms import Terms


class Clock(Protocol):
    """Tells the time, so that tests choose it."""

    def now(self) -> datetime:
        """Return the present moment; aware, UTC."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class WireMessage:
    """Bytes on their way out.

    ``message_id`` lets an authority recognise duplicates where its transport has a place for it.
    """

    message_id: MessageId
    body: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WireAnswer:
    """Bytes that came back; not looked into.

    ``is_whole`` is false where there were more than are taken: ``body`` is then their beginning.
    """

    body: bytes
    content_type: str | None = None
    is_whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """The authority took the message and answers later; ``reference`` is its own id, if any."""

    reference: str | None = None


class Transport(Protocol):
    """Carries wire messages over one channel to an authority and brings its answers back.

    The engine calls ``open`` until it succeeds, then ``exchange``, at most ``max_in_flight`` at a
    time, then ``close`` exactly once.
    """

    async def open(self) -> None:
        """Make ready to exchange; no message is sent."""
        ...

    async def close(self) -> None:
        """Give back every resource; attempts still running end with ``OutcomeUnknownError``."""
        ...

    async def exchange(self, outgoing: WireMessage, *, deadline: datetime) -> WireAnswer | Receipt:
        """Hand one message over; return the answer, or the receipt of one that answers later.

        The engine may repeat a call after a crash, so pass ``outgoing.message_id`` on where the
        authority can recognise duplicates.

        Raises:
            NotSentError: Nothing reached the authority. Always repeatable.
            OutcomeUnknownError: Bytes left, no answer came.
            AuthorityRefusedError: It will never take this message.

        Each carries the bytes that came, if any did.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One move of a message, written in one transaction.

    A step into the state that the message is in already is no move: it adds its entry, ends the
    attempt it names and adds its stages, also in a final state (a late answer, for example).

    Attributes:
        message_id: Which message.
        start: States it may start from; in any other the step is refused.
        entry: History entry; ``entry.state`` is the state after the step.
        outcome: What the authority said; None leaves it as it is.
        next_attempt_at: When a delivery is due; None: none is planned.
        ends_attempt: How the open attempt ended; None if no attempt ends with this step.
        begins_attempt: Whether this step takes the message for delivery (attempt ``attempts + 1``).
        deadline_at: New deadline; None leaves it as it is.
        stages: Stages to add; one that is there already is replaced only by a re-read, and where
            the content is made anew.
        keeps_earlier: Whether what the stages replace is kept, see ``EarlierStage``.
        leaves_line: Whether it gives up its place in the order, so that others of its key go on.
    """

    message_id: MessageId
    start: frozenset[State]
    entry: Entry
    outcome: Outcome | None = None
    next_attempt_at: datetime | None = None
    ends_attempt: AttemptResult | None = None
    begins_attempt: bool = False
    deadline_at: datetime | None = None
    stages: Sequence[Stage] = ()
    keeps_earlier: bool = False
    leaves_line: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageFilter:
    """Which messages to list; None does not restrict. ``since``/``until`` bound ``accepted_at``.

    ``waiting``: only those that wait until another one of their key is finished.
    """

    tenant: str | None = None
    caller: str | None = None
    states: frozenset[State] = field(default_factory=frozenset)
    operation: str | None = None
    authority: str | None = None
    channel: str | None = None
    code: str | None = None
    case_reference: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    waiting: bool = False


class MessageStore(ChannelStates, Protocol):
    """Message Store and Guaranteed Delivery: what it has confirmed survives a crash.

    Every writing call is one transaction, durable when it returns (fsync), and all or nothing.
    Calls may run concurrently. Any call raises ``StoreUnavailableError`` when the database cannot
    be used; nothing is then kept in memory.
    """

    @property
    def lines(self) -> LineStore:
        """What is told of messages that declare an order."""
        ...

    @property
    def sequences(self) -> SequenceStore:
        """What is kept and told of sequence numbers."""
        ...

    async def open(self) -> None:
        """Create or migrate the database and take it into use; ``ConfigurationError`` if taken."""
        ...

    async def close(self) -> None:
        """Finish the transactions under way and let go of the database."""
        ...

    async def accept(
        self,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        *,
        claim: Claim | None = None,
        terms: Terms | None = None,
    ) -> Message:
        """Make a new message durable, with the idempotency key that its call claims, if any.

        A message in state ``delivering`` (the caller waits) is stored with ``attempts == 1`` and
        its first attempt open, so that a crash later finds it as sent. One with an order key is
        ``accepted``, and waits without a planned attempt while an earlier one of its key stands in
        line: until each is answered, expired or cancelled, or gave up its place. Then, in the same
        transaction, the next one's attempt is planned and its deadline begins to count. One with a
        numbering gets its numbers, and the stages written with them, in the same transaction; what
        writing them raises refuses the message, and gives the numbers back.

        Returns:
            The message as it was stored.

        Raises:
            KeyTakenError: The key belongs to a message already. Only one that expired, claimed by
                the same fingerprint, gives it up to the new message. Nothing was stored.
            AttachmentUnusableError: An attachment is gone, or not the caller's. Nothing was stored.
        """
        ...

    async def claimed(self, scope: Scope) -> Claimed | None:
        """The message that an idempotency key belongs to, or None."""
        ...

    async def fingerprint_key(self) -> bytes:
        """The secret of this store that fingerprints are made with; 32 random bytes, for ever."""
        ...

    async def advance(self, step: Step) -> Message:
        """Carry one step out and return the message after it.

        Raises:
            TransitionConflictError: The message is in none of ``step.start``, does not exist, or
                the life cycle has no such move.
        """
        ...

    async def lease_due(self, *, channel: str, now: datetime, limit: int) -> list[Message]:
        """Take messages of one channel whose delivery is due (``accepted``, ``retrying``).

        By channel, so that a caller takes only what it can send at once: a leased message that
        waits would count as sent after a crash, and a slow backend would hold up all others.
        Each is moved to ``delivering`` with a new open attempt and the event
        ``delivery.started``; the oldest due first; no message is returned twice.
        """
        ...

    async def next_due_at(self, *, but: Collection[str] = ()) -> datetime | None:
        """When the next delivery or deadline is due; None if nothing is planned.

        Args:
            but: Channels whose deliveries do not count; their deadlines do.
        """
        ...

    async def plan_anew(self, *, later_than: datetime, now: datetime) -> int:
        """Plan for ``now`` what is planned for later than any failure plans it; how many.

        Such a plan was made before the clock of its process was set back. May be repeated.
        """
        ...

    async def past_deadline(self, *, now: datetime, limit: int) -> list[Message]:
        """Messages in ``accepted``, ``retrying`` or ``awaiting_answer`` whose deadline is over."""
        ...

    async def interrupted(self) -> list[Message]:
        """Messages in ``delivering``; after a start these are attempts that a crash cut off."""
        ...

    async def record_refusals(self, refusals: Sequence[Refusal]) -> None:
        """Keep refused calls."""
        ...

    async def find_refusals(
        self, wanted: RefusalFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Refusal], str | None]:
        """One page of refused calls, newest first; cursors as for ``find``."""
        ...

    async def queues(self) -> list[Queue]:
        """What waits for an attempt, one queue a channel, those without messages left out."""
        ...

    async def standing(self) -> Mapping[State, int]:
        """How many messages are in each state that is not final, those without any left out."""
        ...

    async def condition(self) -> StoreCondition:
        """Try a write, for two seconds at most, and look how much room is left."""
        ...

    async def get(self, message_id: MessageId) -> Message | None:
        """The message, or None."""
        ...

    async def stage(self, message_id: MessageId, kind: StageKind) -> Stage | None:
        """One stage of the message, or None."""
        ...

    async def history(self, message_id: MessageId) -> list[HistoryEvent]:
        """Its events in order, number 1 first."""
        ...

    async def attempts(self, message_id: MessageId) -> list[Attempt]:
        """Its attempts in order, number 1 first."""
        ...

    async def find(
        self, wanted: MessageFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Message], str | None]:
        """One page of messages, newest first, and the cursor of the next page or None.

        ``before`` is a cursor from an earlier call; else it raises ``ParameterInvalidError``.
        """
        ...
