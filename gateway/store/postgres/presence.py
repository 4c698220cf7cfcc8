"""Signs of life: this process gives them, and watches those of the others.

No clocks are compared. A process is dead for whoever saw its count of beats stand still long
enough by its own clock, without having been away itself; it then removes the process's row. What a
process without a row was delivering is taken over.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

AWAY = 0.5
"""Share of the time after which a process is dead; who looks less often has seen nothing stand."""


@dataclass(kw_only=True, slots=True)
class Watch:
    """What one process saw of the others; times are seconds of its own monotonic clock.

    Attributes:
        dead_after: How long a count must stand still.
    """

    dead_after: timedelta
    _seen: dict[int, tuple[int, float]] = field(init=False, default_factory=dict)
    _looked_at: float = field(init=False, default=float("-inf"))

    def look(self, counts: dict[int, int], *, at: float | None = None) -> dict[int, int]:
        """Compare the beats of the others with what was seen before.

        Args:
            counts: Beats by process.
            at: When they were read; None: now.

        Returns:
            Those of the dead.
        """
        now = monotonic() if at is None else at
        patience = self.dead_after.total_seconds()
        if now - self._looked_at > patience * AWAY:
            self._seen.clear()
        self._looked_at = now
        self._seen = {
            process: self._seen[process]
            if process in self._seen and self._seen[process][0] == beats
            else (beats, now)
            for process, beats in counts.items()
        }
        return {
            process: beats
            for process, (beats, since) in self._seen.items()
            if now - since >= patience
        }
