"""Why messages rest: counted by what they have in common. A value, and what it needs from a store.

Kept out: what a code means (``gateway.errors``).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.messaging.lifecycle import State
from gateway.messaging.ports import MessageFilter

RESTING = frozenset({State.INVALID, State.DEAD, State.IN_DOUBT, State.UNANSWERED})
"""States that wait for somebody to act."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Messages that rest for the same reason.

    Attributes:
        state: Where they rest.
        operation: ``residents/search``.
        channel: Name of the channel they leave through.
        code: Public code of their last failure; None if there was none.
        count: How many.
        oldest_at: Since when the first of them rests; aware, UTC.
        newest_at: The same of the last.
    """

    state: State
    operation: str
    channel: str
    code: str | None
    count: int
    oldest_at: datetime
    newest_at: datetime


class CauseStore(Protocol):
    """Counts messages; errors as ``MessageStore``."""

    async def causes(self, wanted: MessageFilter) -> list[Cause]:
        """Messages that rest, by cause, the most frequent first.

        ``wanted.states`` holds states of ``RESTING`` only, and one at least.
        """
        ...
