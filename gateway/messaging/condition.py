"""How things are: whether a store can be written, what waits, what a channel lets out. Values."""

from dataclasses import dataclass
from datetime import datetime

from gateway.messaging.breaker import BreakerState


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


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelCondition:
    """Whether messages leave through a channel now.

    Attributes:
        breaker: State of its breaker.
        paused: Whether an operator paused it.
        window_open: Whether the authority takes messages at this hour.
        free_since: Since when messages may leave without a break; aware, UTC. None: they may not.
    """

    breaker: BreakerState
    paused: bool
    window_open: bool
    free_since: datetime | None
