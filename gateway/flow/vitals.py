"""How the gateway is: whether it takes messages, and whether those it has move.

Kept out: what is good enough (``gateway.api.health``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.errors import StoreUnavailableError
from gateway.flow.gates import Gates
from gateway.flow.pulse import Pulse
from gateway.messaging.condition import ChannelCondition, Queue
from gateway.messaging.lifecycle import State
from gateway.messaging.order import Line
from gateway.messaging.ports import MessageStore
from gateway.messaging.sequence import Missing

FRESH_SECONDS = 1.0
"""A look is repeated after so long: anybody who can connect may ask, as often as they like."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vitals:
    """One look.

    Attributes:
        at: When; aware, UTC.
        accepts: Whether the gateway has started and does not stop.
        writes: Whether the store takes writes.
        free_bytes: Left on the store's disk; None if it is not open.
        queues: What waits for an attempt, by channel.
        failing: By channel, for how long every attempt has failed.
        standing: Messages that are not final, by state.
        lines: What waits for its turn in an order, by channel.
        missing: Numbers of sequences that have not come, by channel and sequence.
        channels: Whether messages leave, by channel.
    """

    at: datetime
    accepts: bool
    writes: bool = False
    free_bytes: int | None = None
    queues: Sequence[Queue] = ()
    failing: Mapping[str, timedelta] = field(default_factory=dict)
    standing: Mapping[State, int] = field(default_factory=dict)
    lines: Sequence[Line] = ()
    missing: Sequence[Missing] = ()
    channels: Mapping[str, ChannelCondition] = field(default_factory=dict)


async def look(
    store: MessageStore, pulse: Pulse, gates: Gates, *, now: datetime, accepts: bool
) -> Vitals:
    """Look at everything; a store that does not answer is a finding, not an error."""
    channels = gates.conditions()
    try:
        condition = await store.condition()
        queues, standing = await store.queues(), await store.standing()
        lines, missing = await store.lines.lines(), await store.sequences.missing()
    except StoreUnavailableError:
        return Vitals(at=now, accepts=accepts, failing=pulse.failing(now), channels=channels)
    return Vitals(
        at=now,
        accepts=accepts,
        writes=condition.writes,
        free_bytes=condition.free_bytes,
        queues=queues,
        failing=pulse.failing(now),
        standing=standing,
        lines=lines,
        missing=missing,
        channels=channels,
    )


class Glance:
    """Shares one look among all who ask within ``FRESH_SECONDS``."""

    def __init__(self, take: Callable[[], Awaitable[Vitals]]) -> None:
        self._take = take
        self._lock = asyncio.Lock()
        self._seen: tuple[float, Vitals] | None = None

    async def vitals(self) -> Vitals:
        """The newest look, or a new one."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._seen is not None and now - self._seen[0] < FRESH_SECONDS:
                return self._seen[1]
            vitals = await self._take()
            self._seen = now, vitals
            return vitals

    def forget(self) -> None:
        """Look anew next time: something has changed that must not be hidden for a second."""
        self._seen = None
