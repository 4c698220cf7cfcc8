"""The hash chain over a message's history: each entry binds all before it.

Pure functions over values. Kept out: anchoring chains across messages, and verification offline.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from gateway.messaging.lifecycle import State
from gateway.messaging.message import HistoryEvent, MessageId

START = bytes(32)
"""What the first entry of a message is chained to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A history entry before it has its place in the chain; fields as in ``HistoryEvent``."""

    at: datetime
    event: str
    state: State
    attempt: int | None = None
    code: str | None = None
    detail: str | None = None


def link(message_id: MessageId, entry: Entry, *, number: int, previous: bytes) -> bytes:
    """Compute the hash that binds an entry to all before it: SHA-256 over its fields.

    The hashed form is a JSON array without blanks in the order below, UTF-8, so that it can be
    computed again anywhere; times are ISO 8601 in UTC with microseconds.

    Args:
        message_id: The message the chain belongs to.
        entry: What happened.
        number: Place in the chain, from 1.
        previous: Hash of the entry before; ``START`` for the first.
    """
    at = entry.at if entry.at.tzinfo is UTC else entry.at.astimezone(UTC)
    fields = [
        previous.hex(),
        message_id,
        number,
        at.isoformat(timespec="microseconds"),
        entry.event,
        entry.state,
        entry.attempt,
        entry.code,
        entry.detail,
    ]
    return hashlib.sha256(orjson.dumps(fields)).digest()


def chain(message_id: MessageId, entry: Entry, *, number: int, previous: bytes) -> HistoryEvent:
    """Give an entry its place in the chain; arguments as for ``link``."""
    return HistoryEvent(
        number=number,
        at=entry.at,
        event=entry.event,
        state=entry.state,
        attempt=entry.attempt,
        code=entry.code,
        detail=entry.detail,
        hash=link(message_id, entry, number=number, previous=previous),
    )


def is_unbroken(message_id: MessageId, events: list[HistoryEvent]) -> bool:
    """Whether the events, in order, form the whole chain from ``START`` without a gap."""
    previous = START
    for number, event in enumerate(events, start=1):
        entry = Entry(
            at=event.at,
            event=event.event,
            state=event.state,
            attempt=event.attempt,
            code=event.code,
            detail=event.detail,
        )
        if chain(message_id, entry, number=number, previous=previous) != event:
            return False
        previous = event.hash
    return True
