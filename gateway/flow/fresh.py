"""Wire forms of messages accepted a moment ago, so that the pump need not read them back.

They are in the store as well and read from there whenever they are not here: after a start, for a
second attempt, in another process. A message's wire form never changes. Used from one event loop.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

from gateway.messaging.message import Message, MessageId, Stage

MOST_BYTES = 4 * 1024 * 1024
"""Of all together. What finds no room is read from the store: the oldest go out first, so it is the
newest that can wait."""

LARGEST_BYTES = 64 * 1024
"""Of one; a longer one costs more to send than to read."""

LONGEST = timedelta(minutes=1)
"""After so long one makes room for others: it was cancelled, expired, or taken by somebody else."""


class FreshWires:
    """A small memory of wire forms by message; each is given out once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[MessageId, tuple[datetime, Stage]] = OrderedDict()
        self._size = 0

    def keep(self, message: Message, wire: Stage) -> None:
        """Keep the wire form of a message just made durable, if there is room."""
        size, now = len(wire.body), message.accepted_at
        if size > LARGEST_BYTES or not self._has_room(size, now):
            return
        self._kept[message.id] = now, wire
        self._size += size

    def take(self, message_id: MessageId) -> Stage | None:
        """Give one out and forget it; None: the store has it."""
        found = self._kept.pop(message_id, None)
        if found is None:
            return None
        self._size -= len(found[1].body)
        return found[1]

    def _has_room(self, size: int, now: datetime) -> bool:
        """Whether there is room for so much, once the first ones are forgotten that are too old."""
        while self._size + size > MOST_BYTES:
            message_id, (kept_at, _) = next(iter(self._kept.items()))
            if now - kept_at < LONGEST:
                return False
            self.take(message_id)
        return True
