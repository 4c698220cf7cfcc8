"""Sequence numbers of answers, compared with what the channel expects.

Gaps, late numbers and repeats are noted and logged; the answer is taken all the same. Kept out:
what a number means (``gateway.messaging.sequence``), and where it stands (maps).
"""

import logging
from collections.abc import Mapping, Sequence

from gateway.flow.directory import Read
from gateway.flow.events import Event
from gateway.flow.journey import Journey
from gateway.flow.pointers import value_at
from gateway.messaging.message import Message
from gateway.messaging.sequence import Finding, SeenNumber

_log = logging.getLogger(__name__)

_TOLD: Mapping[Finding, Event] = {
    Finding.GAP: Event.GAP,
    Finding.LATE: Event.LATE_NUMBER,
    Finding.REPEAT: Event.REPEATED_NUMBER,
}
"""Findings that somebody should know of."""


def numbers_of(read: Read) -> tuple[SeenNumber, ...]:
    """The numbers of sequences that an answer carries."""
    if not read.map.sequences:
        return ()
    document = read.reading.document
    return tuple(
        SeenNumber(field=field, number=number)
        for field in read.map.sequences
        if isinstance(number := value_at(document, field.pointer), int)
    )


async def note_numbers(journey: Journey, message: Message, numbers: Sequence[SeenNumber]) -> None:
    """Compare numbers with what the message's channel expects, and log what is out of order.

    Before the answer is stored: a crash in between notes them once more, which changes nothing.
    """
    for seen in numbers:
        now = journey.clock.now()
        finding = await journey.store.sequences.note(message, seen, now=now)
        if finding in _TOLD:
            _tell(_TOLD[finding], message, seen)


def _tell(event: Event, message: Message, seen: SeenNumber) -> None:
    extra = {
        "event": str(event),
        "message_id": message.id,
        "operation": message.operation,
        "channel": message.channel,
        "sequence": seen.field.name,
    }
    _log.warning(str(event).replace(".", " "), extra=extra)
