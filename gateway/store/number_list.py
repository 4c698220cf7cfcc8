"""What the SQLite store tells of sequence numbers, and how one that came is noted.

Kept out: what is written (``numbers``).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.messaging.message import Message, MessageId
from gateway.messaging.sequence import Finding, Gap, Missing, NumberRange, SeenNumber, Unsent
from gateway.store.line_list import ReadRows
from gateway.store.numbers import Numbers
from gateway.store.rows import STATES, Row, moment

MOST = 1_000
"""Entries of a list; whoever has more has another problem."""


@dataclass(frozen=True, slots=True)
class SqliteSequences:
    """A ``SequenceStore`` over the rows of a store and its one writer."""

    rows: ReadRows
    change: Callable[[Callable[[Numbers], Finding]], Awaitable[Finding]]

    async def note(self, message: Message, seen: SeenNumber, *, now: datetime) -> Finding:
        """See ``SequenceStore``."""
        return await self.change(lambda numbers: numbers.note(message, seen, now))

    async def gaps(self, channel: str) -> Sequence[Gap]:
        """See ``SequenceStore``."""
        return await self.rows("gaps", (channel, MOST), _gap_of)

    async def unsent(self, channel: str, *, tenant: str, caller: str) -> Sequence[Unsent]:
        """See ``SequenceStore``."""
        wanted = {"channel": channel, "tenant": tenant, "caller": caller, "limit": MOST}
        return await self.rows("unsent_numbers", wanted, _unsent_of)

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


def _missing_of(row: Row) -> Missing:
    channel, name, count = row
    return Missing(channel=channel, sequence=name, count=count)
