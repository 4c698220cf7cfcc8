"""What is accepted and not settled, counted: values, and the store's part.

Kept out: limits (``gateway.flow.backlog``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsettled:
    """How many messages of one caller wait or are under way in one channel."""

    tenant: str
    caller: str
    channel: str
    count: int


class BacklogStore(Protocol):
    """Counts what is not settled, of all processes that share the store."""

    async def unsettled(self) -> Sequence[Unsettled]:
        """By caller and channel, those without any left out."""
        ...
