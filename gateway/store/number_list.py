"""What every store tells of sequence numbers.

Each store has statements of these names. Kept out: what is written (``numbers``).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.messaging.message import Message, MessageId
from gateway.messaging.sequence import (
    Finding,
    Gap,
    LastNumber,
    Missing,
    NumberRange,
    SeenNumber,
    Unsent,
)
from gateway.store.line_list import ReadRows
from gateway.store.rows import STATES, Row, moment

MOST = 1_000
"""Entries of a list; whoever has more has another problem."""


@dataclass(frozen=True, slots=True)
class StoredSequences:
    """A ``SequenceStore`` over the rows of a store, and what writes there."""

    rows: ReadRows
    write: Callable[[Message, SeenNumber, datetime], Awaitable[Finding]]
    set_last: Callable[[LastNumber], Awaitable[None]]

    async def note(self, message: Message, seen: SeenNumber, *, now: datetime) -> Finding:
        """See ``SequenceStore``."""
        return await self.write(message, seen, now)

    async def gaps(self, channel: str) -> Sequence[Gap]:
        """See ``SequenceStore``."""
        return await self.rows("gaps", (channel, MOST), _gap_of)

    async def unsent(
        self, channel: str, *, tenant: str | None = None, caller: str | None = None
    ) -> Sequence[Unsent]:
        """See ``SequenceStore``."""
        return await self.rows("unsent_numbers", (channel, tenant, caller, MOST), _unsent_of)

    async def last_numbers(self) -> Sequence[LastNumber]:
        """See ``SequenceStore``."""
        return await self.rows("last_numbers", (), _last_of)

    async def go_on_after(self, last: LastNumber) -> None:
        """See ``SequenceStore``."""
        await self.set_last(last)

    async def missing(self) -> Sequence[Missing]:
        """See ``SequenceStore``."""
        return await self.rows("missing", (), _missing_of)


def _gap_of(row: Row) -> Gap:
    channel, name, round_, first, last, noticed_at = row
    return Gap(
        channel=channel,
        sequence=name,
        missing=NumberRange(round=round_, first=first, last=last),
        noticed_at=moment(noticed_at),
    )


def _unsent_of(row: Row) -> Unsent:
    channel, name, number, message_id, state = row
    return Unsent(
        channel=channel,
        sequence=name,
        number=number,
        message_id=MessageId(message_id),
        state=STATES[state],
    )


def _last_of(row: Row) -> LastNumber:
    channel, name, number = row
    return LastNumber(channel=channel, sequence=name, number=number)


def _missing_of(row: Row) -> Missing:
    channel, name, count = row
    return Missing(channel=channel, sequence=name, count=count)
