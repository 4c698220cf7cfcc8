"""How many messages may leave in a time: a token bucket.

Time is handed in, as seconds of a clock that never goes back. Kept out: what happens to those that
may not leave yet (``gateway.flow.gate``).
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """A limit.

    Attributes:
        per_second: Messages per second in the long run; above zero.
        burst: How many may leave at once after a rest; at least 1.
    """

    per_second: float
    burst: int = 1


class Bucket:
    """Tokens of one limit; full at first."""

    def __init__(self, rate: Rate, *, now: float) -> None:
        self.rate = rate
        self._tokens = float(rate.burst)
        self._filled_at = now

    def available(self, now: float) -> int:
        """How many messages may leave now."""
        gained = max(now - self._filled_at, 0.0) * self.rate.per_second
        self._tokens = min(self._tokens + gained, float(self.rate.burst))
        self._filled_at = now
        # What was gained in a third of a second, three times, must make one.
        return int(self._tokens + 1e-9)

    def take(self, count: int) -> None:
        """Take what ``available`` offered; a negative count gives back what was not used."""
        self._tokens -= count

    def seconds_to_next(self, now: float) -> float:
        """How long until a message may leave; 0: at once."""
        if self.available(now):
            return 0.0
        return (1.0 - self._tokens) / self.rate.per_second
