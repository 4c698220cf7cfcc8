"""Where two JSON documents differ: places, what happened there, and the values.

A pure function. Lists are compared entry by entry in their order: no move is guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.validation.json_document import JsonValue


class Change(StrEnum):
    """What happened at one place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One place where documents differ.

    Attributes:
        pointer: JSON Pointer (RFC 6901); the place in both documents.
        change: What happened there.
        before: The value in the first document; None also if there is none.
        after: The same of the second.
    """

    pointer: str
    change: Change
    before: JsonValue = None
    after: JsonValue = None


def compare(before: JsonValue, after: JsonValue) -> list[Difference]:
    """Every smallest place where the documents differ, in the order of the first document."""
    return list(_differences("", before, after))


def _differences(pointer: str, before: JsonValue, after: JsonValue) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _between(pointer, dict(before), dict(after))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _between(pointer, _by_index(before), _by_index(after))
    elif type(before) is not type(after) or before != after:
        yield Difference(pointer=pointer, change=Change.CHANGED, before=before, after=after)


def _between(
    pointer: str, before: dict[str, JsonValue], after: dict[str, JsonValue]
) -> Iterator[Difference]:
    for name, value in before.items():
        place = f"{pointer}/{_escaped(name)}"
        if name in after:
            yield from _differences(place, value, after[name])
        else:
            yield Difference(pointer=place, change=Change.REMOVED, before=value)
    for name, value in after.items():
        if name not in before:
            place = f"{pointer}/{_escaped(name)}"
            yield Difference(pointer=place, change=Change.ADDED, after=value)


def _by_index(values: list[JsonValue]) -> dict[str, JsonValue]:
    return {str(index): value for index, value in enumerate(values)}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
