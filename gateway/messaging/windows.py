"""Delivery windows: the hours in which an authority takes messages, by the clock on its wall.

A window is open while that clock shows a time in it. So it needs no rule for the two days a year on
which the clock is changed: an hour that is left out opens nothing, one that is shown twice is open
twice. Pure functions over aware UTC times. Kept out: what waits meanwhile (``gateway.flow.gate``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY_DAY = frozenset(range(7))

_MINUTE = timedelta(minutes=1)
_DAYS_AHEAD = 15
"""Within two weeks every window opens, also one that the change of the clock leaves out once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One span of a day, in whole minutes.

    Attributes:
        opens: First local time in it.
        closes: First local time after it; at or before ``opens``: on the next day.
        days: Days of the week on which it opens; 0 is Monday.
    """

    opens: time
    closes: time
    days: frozenset[int] = EVERY_DAY

    def shows(self, local: datetime) -> bool:
        """Whether a clock that shows ``local`` shows a time in the window."""
        at, today = local.time(), local.weekday() in self.days
        if self.opens < self.closes:
            return today and self.opens <= at < self.closes
        yesterday = (local.weekday() - 1) % 7 in self.days
        return (today and at >= self.opens) or (yesterday and at < self.closes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Windows:
    """All windows of a channel; without any it is always open.

    Attributes:
        zone: Time zone of the authority.
        windows: They may overlap.
    """

    zone: ZoneInfo
    windows: tuple[Window, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Whether messages may leave at this moment."""
        if not self.windows:
            return True
        local = now.astimezone(self.zone)
        return any(window.shows(local) for window in self.windows)

    def next_opening(self, now: datetime) -> datetime:
        """When messages may leave: ``now`` if they may, else the next moment; UTC."""
        if self.is_open(now):
            return now
        openings = self._moments(now, lambda window: window.opens)
        return min((at for at in openings if self.is_open(at)), default=now)

    def end_of_next(self, now: datetime) -> datetime:
        """When the window that is open now, or opens next, closes again; UTC.

        Without windows there is no such moment, and ``now`` is returned.
        """
        opening = self.next_opening(now)
        closings = self._moments(opening, lambda window: window.closes)
        return min((at for at in closings if not self.is_open(at)), default=now)

    def _moments(self, after: datetime, side: Callable[[Window], time]) -> Iterator[datetime]:
        """Every moment later than ``after`` at which a window may open, or close."""
        today = after.astimezone(self.zone).date()
        for day in range(-1, _DAYS_AHEAD + 1):
            for window in self.windows:
                shown = datetime.combine(today + timedelta(days=day), side(window), self.zone)
                yield from (at for at in _when_shown(shown) if at > after)


def _when_shown(shown: datetime) -> Iterator[datetime]:
    """When a clock shows a local time: once, twice, or, where it is left out, the moment after."""
    first, second = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        yield from {first, second}
        return
    # The clock jumps over it, somewhere between the two.
    at = second
    while at.astimezone(shown.tzinfo).replace(tzinfo=None) < shown.replace(tzinfo=None):
        at += _MINUTE
    yield at
