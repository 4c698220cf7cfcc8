"""Calls that were refused: what is kept of them, which is nothing that their documents hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Place

MOST_PLACES = 20
"""Places kept of one call; the first ones name the cause."""

_UNKNOWN_NAME = "unknown-property"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where a call was wrong, without the words that a caller chose.

    Attributes:
        keyword: Rule that is broken, as in ``Place``.
        pointer: JSON Pointer; of an unknown property the object around it.
        wire: Path in the authority's form.
        rule: Map file and line.
    """

    keyword: str
    pointer: str | None = None
    wire: str | None = None
    rule: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One refused call.

    Attributes:
        at: When; aware, UTC.
        tenant: Of the caller; None where nobody knows who called.
        caller: Name of the caller in the configuration; None likewise.
        operation: ``residents/search``.
        operation_version: Counted from 1.
        recipient: What the header ``Recipient`` named; None if it was missing, or not of its form.
        code: Public error code.
        spots: The first places that are wrong.
        size_bytes: Length of the body as far as it was read.
    """

    at: datetime
    tenant: str | None
    caller: str | None
    operation: str
    operation_version: int
    recipient: str | None
    code: str
    spots: Sequence[Spot] = ()
    size_bytes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalFilter:
    """Which refused calls to list; None does not restrict. ``since``/``until`` bound ``at``."""

    tenant: str | None = None
    caller: str | None = None
    operation: str | None = None
    recipient: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def spots_of(places: Sequence[Place]) -> tuple[Spot, ...]:
    """What is kept of the places of an error; a property name may be somebody's name."""
    return tuple(
        Spot(
            keyword=place.keyword,
            pointer=_known_part(place),
            wire=place.wire,
            rule=place.rule,
        )
        for place in places[:MOST_PLACES]
    )


def _known_part(place: Place) -> str | None:
    if place.pointer is None or place.keyword != _UNKNOWN_NAME:
        return place.pointer
    return place.pointer.rpartition("/")[0]
