"""How fast something gets done, and from that when there will be room for who was refused.

Pure arithmetic over a monotonic clock. Kept out: what is counted (``gate``, ``backlog``).
"""

from datetime import timedelta
from math import exp

MEMORY_SECONDS = 10.0
"""A moment so long ago counts a third of the present one: long enough to even out bursts, short
enough to notice that a backend has stopped."""

LEAST_SECONDS = 1.0
"""``Retry-After`` is whole seconds, and less than one would be none."""


class Drain:
    """The present rate of something that ends again and again."""

    __slots__ = ("_at", "_promised", "_rate")

    def __init__(self) -> None:
        self._rate = 0.0
        self._at = 0.0
        self._promised = 0.0

    def ended(self, now: float) -> None:
        """One more has ended, at a moment of the monotonic clock."""
        self._rate = self.rate(now) + 1 / MEMORY_SECONDS
        self._at = now

    def rate(self, now: float) -> float:
        """How many end in a second."""
        return self._rate * exp((self._at - now) / MEMORY_SECONDS)

    def promise(self, now: float, *, over: int, longest: timedelta) -> timedelta:
        """When there is room for one that is refused now.

        Everybody who is refused is promised a moment of their own, so that they do not all come
        back at once and are refused again.

        Args:
            now: The present, of the monotonic clock.
            over: How many have to end before there is room for one.
            longest: Longest wait that is told; also if nothing ends at all.
        """
        most = longest.total_seconds()
        each = 1 / max(self.rate(now), 1 / most)
        at = max(self._promised + each, now + over * each)
        self._promised = min(at, now + most)
        return timedelta(seconds=max(self._promised - now, LEAST_SECONDS))
