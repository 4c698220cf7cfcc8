"""Sequence numbers: they follow each other in a channel, without a gap and without a repeat.

Values, what an incoming number means, and the port. Kept out: where a number stands in a message
(``gateway.translation.numbering``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId, Stage

PREFIX = "sequence."
"""With which the supplied name of a sequence begins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SequenceField:
    """A field of a document that holds a number of a sequence.

    Attributes:
        name: Of the sequence, ``file`` of ``sequence.file``.
        pointer: JSON Pointer of the field.
        first: Smallest number, with which the sequence begins, and begins again.
        last: Largest number; ``first`` follows it.
    """

    name: str
    pointer: str
    first: int
    last: int

    @property
    def supply(self) -> str:
        """Name that its number is supplied as, ``sequence.file``."""
        return f"{PREFIX}{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbering:
    """A message whose numbers are given in the transaction that accepts it.

    Attributes:
        channel: Within which its sequences count.
        fields: Where its numbers stand.
        write: From a number for each sequence, by name, to the stages that are stored. Runs inside
            the transaction, perhaps twice: quick, and without any effect of its own.
    """

    channel: str
    fields: tuple[SequenceField, ...]
    write: Callable[[Mapping[str, int]], Sequence[Stage]]


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenNumber:
    """A number that an authority's message carried."""

    field: SequenceField
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """A number, and how often its sequence had begun again by then."""

    round: int
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberRange:
    """Numbers of one round from ``first`` to ``last``, both included."""

    round: int
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many."""
        return self.last - self.first + 1


class Finding(StrEnum):
    """What an incoming number says."""

    EXPECTED = "expected"
    GAP = "gap"
    LATE = "late"
    REPEAT = "repeat"
    KNOWN = "known"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """Where an incoming number belongs.

    Attributes:
        at: Its position.
        newest: Whether it is the newest one now; else it came late, or came before.
        missing: What it leaves out.
    """

    at: Position
    newest: bool
    missing: tuple[NumberRange, ...] = ()


def place_number(seen: SeenNumber, newest: Position | None) -> Judged:
    """Find out where a number belongs, seen from the newest one so far.

    A sequence is a ring: up to half of it ahead is new, the other half came before.

    Args:
        seen: The number, within the limits of its field.
        newest: The newest so far; None: this is the first one, and any may be.

    Source: RFC 1982 §3.2, serial number arithmetic, for a ring of any size.
    """
    field, number = seen.field, seen.number
    if newest is None:
        return Judged(at=Position(round=0, number=number), newest=True)
    size = field.last - field.first + 1
    ahead = (number - newest.number) % size
    if ahead == 0 or ahead > size // 2:
        before = newest.round - (number > newest.number)
        return Judged(at=Position(round=before, number=number), newest=False)
    at = Position(round=newest.round + (number < newest.number), number=number)
    return Judged(at=at, newest=True, missing=tuple(_between(field, newest, at)))


def _between(field: SequenceField, start: Position, end: Position) -> list[NumberRange]:
    """The numbers after ``start`` and before ``end``, by round."""
    if start.round == end.round:
        ranges = [NumberRange(round=end.round, first=start.number + 1, last=end.number - 1)]
    else:
        ranges = [
            NumberRange(round=start.round, first=start.number + 1, last=field.last),
            NumberRange(round=end.round, first=field.first, last=end.number - 1),
        ]
    return [one for one in ranges if one.count > 0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Numbers that an authority's messages left out.

    Attributes:
        channel: Through which the others came.
        sequence: Name of the sequence.
        missing: The numbers.
        noticed_at: When a later one came; aware, UTC.
    """

    channel: str
    sequence: str
    missing: NumberRange
    noticed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsent:
    """A number that was given to a message of ours which the authority may never have got."""

    channel: str
    sequence: str
    number: int
    message_id: MessageId
    state: State


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """How many numbers of one sequence have not come."""

    channel: str
    sequence: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LastNumber:
    """The last number of a sequence that was given to a message of ours."""

    channel: str
    sequence: str
    number: int


class SequenceStore(Protocol):
    """What a store keeps of incoming numbers, and tells of all.

    Calls may run concurrently, and raise ``StoreUnavailableError`` as those of ``MessageStore``.
    """

    async def note(self, message: Message, seen: SeenNumber, *, now: datetime) -> Finding:
        """Compare a number that a message was answered with to its channel's expectation.

        Durable on return, gaps with it. The same number of the same message is ``known`` however
        often it is noted, so that a crash before the answer is stored makes no repeat of it.
        """
        ...

    async def gaps(self, channel: str) -> Sequence[Gap]:
        """What is missing in a channel, by sequence, the oldest first; at most 1,000."""
        ...

    async def unsent(
        self, channel: str, *, tenant: str | None = None, caller: str | None = None
    ) -> Sequence[Unsent]:
        """Numbers of messages that are dead, expired or cancelled; None: of all; at most 1,000."""
        ...

    async def last_numbers(self) -> Sequence[LastNumber]:
        """The last number of every sequence that was used."""
        ...

    async def go_on_after(self, last: LastNumber) -> None:
        """Let a sequence go on after a number, of which this store does not know.

        A restored one does not know which numbers were given since. A lower number than the last
        one means that the sequence began again.
        """
        ...

    async def missing(self) -> Sequence[Missing]:
        """How many numbers are missing, sequences without left out."""
        ...
