"""Order per key: messages of one key stand in a line, and only the first of a line is delivered.

Values and the port. Kept out: what makes a key (``gateway.flow.order``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId

FREE = frozenset({State.ANSWERED, State.EXPIRED, State.CANCELLED})
"""States in which a message has left its line: nothing of it will be sent any more."""

GIVEN_UP_FROM = frozenset({State.DEAD, State.IN_DOUBT, State.INVALID, State.UNANSWERED})
"""States in which a message holds up its line until somebody decides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What waits behind other messages of its key, in one channel.

    Attributes:
        channel: Name of the channel.
        keys: Keys with a message that waits.
        waiting: Messages that wait behind another one.
        held_up: Of the keys, those whose first message rests until somebody decides.
        held_up_since: Since when a message has waited behind such a one; None: none does.
    """

    channel: str
    keys: int
    waiting: int
    held_up: int
    held_up_since: datetime | None


class LineStore(Protocol):
    """What a store tells of lines; they change with the messages that stand in them.

    Calls may run concurrently, and raise ``StoreUnavailableError`` as those of ``MessageStore``.
    """

    async def blocked_by(self, waiting: Collection[MessageId]) -> Mapping[MessageId, MessageId]:
        """The first message of the line of each that waits; one that does not is left out."""
        ...

    async def lines(self) -> Sequence[Line]:
        """What waits, one entry a channel, those without left out."""
        ...
