"""Count the calls of each caller that has a quota, in windows that begin with a call.

Counts are those of this process; several processes each give the whole quota. Kept out: what the
caller is told (``gateway.api.rate_headers``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from gateway.messaging.party import Caller
from gateway.messaging.quota import Quota


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


class Quotas:
    """The windows of callers; as many as there are callers."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._windows: dict[tuple[str, str], _Window] = {}

    def take(self, caller: Caller) -> Quota | None:
        """Count a call and tell what is left; None: the caller has no quota."""
        limit = caller.rate_limit
        if limit is None:
            return None
        now, owner = self._now(), (caller.tenant, caller.name)
        window = self._windows.get(owner)
        if window is None or now >= window.ends:
            window = self._windows[owner] = _Window(ends=now + limit.seconds)
        exceeded = window.used >= limit.calls
        if not exceeded:
            window.used += 1
        return Quota(
            limit=limit,
            left=limit.calls - window.used,
            exceeded=exceeded,
            resets_in=ceil(window.ends - now),
        )
