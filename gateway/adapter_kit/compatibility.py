"""Find what breaks callers between two versions of a canonical schema.

The two sides differ. Callers write requests: what was valid must stay valid. Callers read answers:
what they may meet must not become more, but for fields, which they ignore where they do not know
them (``docs/compatibility.md``). Pure functions over the subset of JSON Schema that canonical
schemas keep to; a keyword outside it that changed is reported, never passed over.

Kept out: where the versions come from (``released``), and what a change means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from typing_extensions import override

Schema = Mapping[str, Any]
Side = Literal["request", "answer"]

_NOTES = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "x-supplied"}
)
"""Keywords that say nothing of what is valid."""

_LOWER = ("minLength", "minItems", "minimum")
_UPPER = ("maxLength", "maxItems", "maximum")
_FORMS = ("pattern", "format", "x-pattern", "x-repertoire")
_COMPARED = frozenset(
    {*_LOWER, *_UPPER, *_FORMS, "$ref", "type", "enum", "const", "items", "oneOf"}
    | {"properties", "required", "additionalProperties"}
)


class Effect(Enum):
    """What a change does to the set of valid documents."""

    NARROWS = "narrows"
    WIDENS = "widens"
    UNKNOWN = "unknown"
    """Neither can be ruled out."""


_BREAKS = {
    "request": frozenset({Effect.NARROWS, Effect.UNKNOWN}),
    "answer": frozenset({Effect.WIDENS, Effect.UNKNOWN}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change: the field it is at (``*`` for any item of an array), what it is and does."""

    place: str
    detail: str
    effect: Effect

    @override
    def __str__(self) -> str:
        """The change in one line."""
        return f"{self.place or '/'}: {self.detail}"


def breaking_changes(old: Schema, new: Schema, *, side: Side) -> list[Change]:
    """List the changes from ``old`` to ``new`` that break callers; empty: none does.

    Args:
        old: Schema as released.
        new: Schema as it is to be.
        side: Whether callers write such documents or read them.
    """
    found = _Comparison(old, new, side).changes("", old, new)
    return [change for change in dict.fromkeys(found) if change.effect in _BREAKS[side]]


class _Comparison:
    """Walks two schemas side by side; each pair of definitions is compared once."""

    def __init__(self, old: Schema, new: Schema, side: Side) -> None:
        self.old = old
        self.new = new
        self.side = side
        self.seen: set[tuple[str, str]] = set()

    def changes(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        if "$ref" in old and "$ref" in new:
            # With what stands beside the references, which may differ from place to place.
            pair = (_told_apart(old), _told_apart(new))
            if pair in self.seen:
                return
            self.seen.add(pair)
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        yield from _changed_values(place, old, new)
        yield from self._changed_fields(place, old, new)
        yield from self._changed_branches(place, old, new)
        if "items" in old and "items" in new:
            yield from self.changes(f"{place}/*", old["items"], new["items"])
        elif "items" in old or "items" in new:
            yield _change(place, "items", "items" in old, "items" in new)

    def _changed_fields(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(before.keys() - after.keys()):
            # Nobody can read what does not come any more, though it may be valid without it.
            yield Change(place=f"{place}/{name}", detail="was removed", effect=Effect.UNKNOWN)
        demanded, demands = self._demanded(old), self._demanded(new)
        for name in sorted(demands - demanded):
            detail = "became required"
            yield Change(place=f"{place}/{name}", detail=detail, effect=Effect.NARROWS)
        for name in sorted((demanded - demands) & after.keys()):
            detail = "may be absent"
            yield Change(place=f"{place}/{name}", detail=detail, effect=Effect.WIDENS)
        for name in sorted(before.keys() & after.keys()):
            yield from self.changes(f"{place}/{name}", before[name], after[name])

    def _demanded(self, schema: Schema) -> frozenset[str]:
        """Fields that must be there; callers need not write those that the gateway supplies."""
        required = frozenset(schema.get("required", ()))
        if self.side == "answer":
            return required
        return frozenset(
            name
            for name in required
            if "x-supplied" not in schema.get("properties", {}).get(name, {})
        )

    def _changed_branches(self, place: str, old: Schema, new: Schema) -> Iterator[Change]:
        if ("oneOf" in old) != ("oneOf" in new):
            yield Change(place=place, detail="alternatives came or went", effect=Effect.UNKNOWN)
            return
        before = _branches(self.old, old)
        after = _branches(self.new, new)
        for tag in sorted(before.keys() - after.keys()):
            detail = f"the alternative {tag} was removed"
            yield Change(place=place, detail=detail, effect=Effect.NARROWS)
        for tag in sorted(after.keys() - before.keys()):
            detail = f"the alternative {tag} is new"
            yield Change(place=place, detail=detail, effect=Effect.WIDENS)
        for tag in sorted(before.keys() & after.keys()):
            yield from self.changes(place, before[tag], after[tag])


def _changed_values(place: str, old: Schema, new: Schema) -> Iterator[Change]:
    """What changed about the values themselves."""
    yield from _changed_words(place, "type", _types(old), _types(new))
    yield from _changed_words(place, "value", _values(old), _values(new))
    for keyword in (*_LOWER, *_UPPER):
        yield from _changed_limit(place, keyword, old.get(keyword), new.get(keyword))
    for keyword in _FORMS:
        if old.get(keyword) != new.get(keyword):
            yield _change(place, keyword, keyword in old, keyword in new)
    is_closed = [one.get("additionalProperties") is False for one in (old, new)]
    if is_closed[0] != is_closed[1]:
        yield _change(place, "additionalProperties", *is_closed)
    for keyword in sorted((old.keys() | new.keys()) - _COMPARED - _NOTES):
        if old.get(keyword) != new.get(keyword):
            detail = f"{keyword} changed; nobody knows what that does"
            yield Change(place=place, detail=detail, effect=Effect.UNKNOWN)


def _changed_words(
    place: str, what: str, old: frozenset[str] | None, new: frozenset[str] | None
) -> Iterator[Change]:
    """Compare what is allowed; None: anything."""
    if old == new:
        return
    if old is None or new is None:
        yield _change(place, f"the list of {what}s", old is not None, new is not None)
        return
    for word in sorted(old - new):
        detail = f"the {what} {word} was removed"
        yield Change(place=place, detail=detail, effect=Effect.NARROWS)
    for word in sorted(new - old):
        yield Change(place=place, detail=f"the {what} {word} is new", effect=Effect.WIDENS)


def _changed_limit(
    place: str, keyword: str, old: float | None, new: float | None
) -> Iterator[Change]:
    if old == new:
        return
    if old is None or new is None:
        yield _change(place, keyword, old is not None, new is not None)
        return
    narrows = (new > old) == (keyword in _LOWER)
    effect = Effect.NARROWS if narrows else Effect.WIDENS
    yield Change(place=place, detail=f"{keyword} changed from {old} to {new}", effect=effect)


def _change(place: str, what: str, *there: bool) -> Change:
    """A restriction that came, went, or is another one now."""
    had, has = there
    if had and has:
        return Change(place=place, detail=f"{what} changed", effect=Effect.UNKNOWN)
    effect = Effect.NARROWS if has else Effect.WIDENS
    return Change(place=place, detail=f"{what} {'is new' if has else 'is gone'}", effect=effect)


def _resolved(root: Schema, schema: Schema) -> Schema:
    """The schema that a reference leads to, with what stands beside the reference over it."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Schema = root["$defs"][reference.removeprefix("#/$defs/")]
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**_resolved(root, found), **beside}


def _told_apart(schema: Schema) -> str:
    return repr({key: value for key, value in schema.items() if key not in _NOTES})


def _types(schema: Schema) -> frozenset[str] | None:
    types = schema.get("type")
    if types is None:
        return None
    return frozenset([types] if isinstance(types, str) else types)


def _values(schema: Schema) -> frozenset[str] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else frozenset(repr(value) for value in values)


def _branches(root: Schema, schema: Schema) -> dict[str, Schema]:
    """The alternatives by what tells them apart: their constants, else their place."""
    branches: dict[str, Schema] = {}
    for number, branch in enumerate(schema.get("oneOf", ()), 1):
        fields = _resolved(root, branch).get("properties", {})
        constants = [
            f"{name}={field['const']}" for name, field in sorted(fields.items()) if "const" in field
        ]
        tag = ", ".join(constants) or str(branch.get("$ref", "")).rpartition("/")[2] or str(number)
        branches[tag if tag not in branches else f"{tag} ({number})"] = branch
    return branches
