"""Content-Based Router: from (operation, authority, day) to a channel.

Pure functions over the configured routes; a route that overlaps another of equal rank is a
configuration fault, found at start (``overlaps``), never decided by order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.errors import NoRouteError, Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One rule of the router.

    Attributes:
        operation: ``residents/search/v1``.
        authority: Exact recipient ``ags:09162000``, or None for an area route.
        area: Declared prefix ``ags:09162``; None for an exact route.
        channel: Name of the channel.
        valid_from: First day, inclusive; None: always was.
        valid_until: Last day, inclusive; None: no end known.
    """

    operation: str
    channel: str
    authority: str | None = None
    area: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def rank(self) -> int:
        """An exact route outranks every area route; a longer area outranks a shorter one."""
        return 1_000 if self.authority is not None else len(self.area or "")

    def covers(self, operation: str, authority: str) -> bool:
        """Whether operation and authority match, whatever the day."""
        if operation != self.operation:
            return False
        if self.authority is not None:
            return authority == self.authority
        return self.area is not None and authority.startswith(self.area)

    def is_valid_on(self, day: date) -> bool:
        """Whether the route is in force on ``day``."""
        after_start = self.valid_from is None or self.valid_from <= day
        return after_start and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One route that was looked at, and why it was taken or not."""

    route: Route
    verdict: str
    taken: bool


def explain(routes: Iterable[Route], operation: str, authority: str, day: date) -> list[Candidate]:
    """List every route of the operation, best first, with the reason it is taken or not."""
    looked_at = sorted(
        (route for route in routes if route.operation == operation),
        key=lambda route: -route.rank,
    )
    found = False
    candidates = []
    for route in looked_at:
        if not route.covers(operation, authority):
            verdict, taken = "another authority", False
        elif not route.is_valid_on(day):
            verdict, taken = "not in force on this day", False
        elif found:
            verdict, taken = "a more exact route comes first", False
        else:
            verdict, taken = "taken", True
        found = found or taken
        candidates.append(Candidate(route=route, verdict=verdict, taken=taken))
    return candidates


def resolve(routes: Iterable[Route], operation: str, authority: str, day: date) -> Route:
    """Choose the route for an authority.

    Raises:
        NoRouteError: None is declared; there is no fallback to another office.
    """
    matching = [
        route for route in routes if route.covers(operation, authority) and route.is_valid_on(day)
    ]
    if not matching:
        raise NoRouteError(
            f"No route for {operation} to this recipient.",
            places=[Place(keyword="no-route", detail="Recipient: no declared route covers it.")],
        )
    return max(matching, key=lambda route: route.rank)


def overlaps(routes: Iterable[Route]) -> list[tuple[Route, Route]]:
    """Pairs of routes of equal rank that cover the same operation, recipient and a common day."""
    known = list(routes)
    return [
        (first, second)
        for index, first in enumerate(known)
        for second in known[index + 1 :]
        if _same_target(first, second) and _share_a_day(first, second)
    ]


def _same_target(first: Route, second: Route) -> bool:
    return (first.operation, first.authority, first.area) == (
        second.operation,
        second.authority,
        second.area,
    )


def _share_a_day(first: Route, second: Route) -> bool:
    starts = [route.valid_from or date.min for route in (first, second)]
    ends = [route.valid_until or date.max for route in (first, second)]
    return max(starts) <= min(ends)
