"""How fast something gets done, and from that when there will be room for who was refused.

Pure arithmetic over a monotonic clock; counting costs a quarter of a microsecond, since it is done
several times for each message. Kept out: what is counted (``door``, ``backlog``).
"""

from collections import deque
from datetime import timedelta

MEMORY_SECONDS = 10
"""The rate is that of so many last seconds: long enough to even out bursts, short enough to notice
that a backend has stopped."""

LEAST_SECONDS = 1.0
"""``Retry-After`` is whole seconds, and less than one would be none."""


class Drain:
    """How many there are of something, and how fast they end.

    Attributes:
        number: How many there are now; whoever counts changes it.
    """

    __slots__ = ("_count", "_past", "_promised", "_second", "number")

    def __init__(self) -> None:
        self.number = 0
        self._second = 0
        self._count = 0
        self._past: deque[tuple[int, int]] = deque(maxlen=MEMORY_SECONDS)
        self._promised = 0.0

    def end(self, now: float) -> None:
        """One of them ends, at a moment of the monotonic clock."""
        if self.number:
            self.number -= 1
        second = int(now)
        if second != self._second:
            self._past.append((self._second, self._count))
            self._second, self._count = second, 0
        self._count += 1

    def rate(self, now: float) -> float:
        """How many end in a second; the present second, which is not over, is left out."""
        second = int(now)
        counts = [*self._past, (self._second, self._count)]
        return sum(n for at, n in counts if second - MEMORY_SECONDS <= at < second) / MEMORY_SECONDS

    def promise(self, now: float, *, most: int, longest: timedelta) -> timedelta:
        """When there is room for one that is refused now.

        Everybody who is refused is promised a moment of their own, so that they do not all come
        back at once and are refused again.

        Args:
            now: The present, of the monotonic clock.
            most: How many there may be; there are as many, or more.
            longest: Longest wait that is told; also if nothing ends at all.
        """
        limit = longest.total_seconds()
        each = 1 / max(self.rate(now), 1 / limit)
        at = max(self._promised + each, now + (self.number - most + 1) * each)
        self._promised = min(at, now + limit)
        return timedelta(seconds=max(self._promised - now, LEAST_SECONDS))
