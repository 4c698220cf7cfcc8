"""Make settings with faults whole enough to look for further faults.

What pydantic refused is taken out, or replaced by a stand-in where something is required, so that
the remaining settings can be checked against each other at once. Such settings serve no other end.
Pure functions. Kept out: the checks (``gateway.settings.faults``).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

from pydantic_core import ErrorDetails

STANDINS: Mapping[str, Callable[[int], Any]] = {
    "adapter": "unset-{}".format,
    "address": "http://unset-{}/".format,
    "authorities": "unset-{}".format,
    "bucket": "unset-{}".format,
    "calls": int,
    "channel": "unset-{}".format,
    "closes": "00:00".format,
    "directory": "unset-{}".format,
    "id": "unset:{}".format,
    "name": "unset-{}".format,
    "opens": "00:00".format,
    "operation": "unset/unset/v{}".format,
    "party": "unset:{}".format,
    "token_sha256": lambda number: hashlib.sha256(str(number).encode()).hexdigest(),
}
"""For each required setting, a value of its form; the number, counted from 1, keeps them apart."""

MAPPINGS = {"dict_type", "model_type"}
"""pydantic's kinds of fault for what should be a table."""


def repair(
    data: Mapping[str, Any], faults: Iterable[ErrorDetails], *, first: int
) -> dict[str, Any]:
    """Return the data without what is wrong; it may take several rounds.

    Args:
        data: As it was validated.
        faults: What pydantic found in it.
        first: Number of the first stand-in, greater than any used before for these data.
    """
    whole = deepcopy(dict(data))
    for number, fault in enumerate(faults, first):
        _repair_one(whole, fault["type"], fault["loc"], number)
    return whole


def is_within(place: str, other: str) -> bool:
    """Whether a dotted place is the other, or lies within it."""
    return place == other or place.startswith((f"{other}.", f"{other}["))


def _repair_one(whole: Any, kind: str, location: tuple[int | str, ...], number: int) -> None:
    *way, last = location
    holder = whole
    for step in way:
        holder = holder[step]
    if isinstance(last, int):
        # Taken out, it would change the numbers of its neighbours.
        holder[last] = {} if kind in MAPPINGS else f"unset-{number}"
    elif kind == "missing":
        standin = STANDINS[last](number)
        holder[last] = [standin] if last == "authorities" else standin
    else:
        # Required, it is missing in the next round; else its default is right.
        del holder[last]
