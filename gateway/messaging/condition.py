"""What a store tells of itself: whether it can be written, and what waits in it. Values only."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """Messages of one channel whose next attempt is planned.

    Attributes:
        channel: Name of the channel; it may be configured no more.
        waiting: How many.
        due_since: When the first of them was, or will be, due; aware, UTC.
    """

    channel: str
    waiting: int
    due_since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreCondition:
    """Whether a store takes writes now, and how long it may go on.

    Attributes:
        writes: Whether a write made just now became durable in time.
        free_bytes: Left for it on its disk; None: it is on a server, which tells nobody.
    """

    writes: bool
    free_bytes: int | None
