"""What an adapter decides about every leaf of its messages and of its canonical documents.

Kept out: which leaves a message has (``wire_leaves``) and how a report is printed (``cli``).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.adapter_kit.wire_leaves import wire_leaves
from gateway.registry import Adapter
from gateway.translation.forms.each_of import EachOf
from gateway.translation.forms.group import AnyScope
from gateway.translation.forms.typed import TypedScope
from gateway.translation.forms.zip import Zip
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.map import Map
from gateway.translation.rule import Rule
from gateway.validation.catalogue import SchemaCatalogue

UNDECIDED = "undecided"
"""What is refused with its place when it comes, because no rule mentions it."""

_REPEAT = re.compile(r"\[[*~]\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """One leaf and what becomes of it.

    Attributes:
        place: Wire path, or JSON Pointer with ``*`` for items.
        decision: ``mapped``, ``supplied``, ``dropped`` …, or ``undecided``.
        reason: Why it is not carried over.
        rule: Map file and line.
        at: Wire path of what the rule decides about: the leaf, or an element around it.
        required: Whether the element around that cannot be without it; wire leaves only.
    """

    place: str
    decision: str
    reason: str | None = None
    rule: str | None = None
    at: str | None = None
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Covered:
    """The leaves of one message (named after its map) or of one canonical schema."""

    name: str
    leaves: tuple[Decided, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many leaves each decision has."""
        return dict(sorted(Counter(leaf.decision for leaf in self.leaves).items()))


def cover_messages(adapter: Adapter, catalogue: SchemaCatalogue) -> tuple[Covered, ...]:
    """The wire leaves of every map.

    Raises:
        ConfigurationError: A wire schema cannot be walked.
    """
    return tuple(
        Covered(name=name, leaves=_wire(translation, catalogue))
        for name, translation in sorted(adapter.maps.items())
    )


def cover_documents(adapter: Adapter) -> tuple[Covered, ...]:
    """The canonical leaves of every schema; decided where one of its maps decides."""
    schemas: dict[str, list[Map]] = {}
    for translation in adapter.maps.values():
        schemas.setdefault(translation.api, []).append(translation)
    return tuple(
        Covered(name=name, leaves=_canonical(maps)) for name, maps in sorted(schemas.items())
    )


def _wire(translation: Map, catalogue: SchemaCatalogue) -> tuple[Decided, ...]:
    rules: dict[str, Rule] = {}
    for rule, _ in walk(translation.scope):
        if rule.decides and rule.name:
            rules.setdefault(plain_path(rule.place.wire), rule)
    found = []
    for leaf in wire_leaves(translation, catalogue):
        at = _nearest(leaf.path, rules)
        # Inside an element that is dropped as a whole, only the element itself could be missed.
        step = -1 if at is None else at.count("/") - 1
        decided = _decided(leaf.path, None if at is None else rules[at])
        found.append(replace(decided, at=at, required=leaf.needed[step]))
    return tuple(found)


def _nearest(path: str, rules: Mapping[str, Rule]) -> str | None:
    """The path of the rule that decides about a leaf: its own, or of an element around it."""
    if path in rules:
        return path
    while path:
        path = path.rpartition("/")[0]
        if path in rules and rules[path].whole and rules[path].name != ".":
            return path
    return None


def _canonical(maps: list[Map]) -> tuple[Decided, ...]:
    rules: dict[str, Rule] = {}
    for translation in maps:
        for rule, around in walk(translation.scope):
            if rule.decides or rule.form == "choice":
                for pointer in filled(rule, around):
                    rules.setdefault(pointer, rule)
    schema = maps[0].schema
    found = dict.fromkeys(_pointers(schema, schema, "", ()))
    return tuple(_decided(pointer, _above(pointer, rules)) for pointer in found)


def _above(pointer: str, rules: Mapping[str, Rule]) -> Rule | None:
    """The rule of a field, or of an object around it that one rule fills by itself."""
    if pointer in rules:
        return rules[pointer]
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer in rules and not isinstance(rules[pointer], EachOf | Zip):
            return rules[pointer]
    return None


def _decided(place: str, rule: Rule | None) -> Decided:
    if rule is None:
        return Decided(place=place, decision=UNDECIDED)
    decision = rule.decides or "mapped"  # the tag of a choice
    return Decided(place=place, decision=decision, reason=rule.reason, rule=rule.place.rule)


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What stands around a rule.

    Attributes:
        pointer: The object that its fields are in.
        attributes: The rules of the attributes of its element.
    """

    pointer: str
    attributes: tuple[Rule, ...] = ()


def walk(scope: AnyScope, entered: tuple[str, ...] = ()) -> Iterator[tuple[Rule, Around]]:
    """Every rule and what stands around it; what holds itself is entered once.

    Rules that hold others have a ``scope``.
    """
    if isinstance(scope, LazyScope):
        scope = scope.scope
    pointer = scope.place.pointer or ""
    if isinstance(scope, TypedScope):
        # The place of its choice is that of the tag.
        pointer = pointer.removesuffix(scope.choice.tag.pointer)
        yield scope.choice, Around(pointer=pointer)
        for kind in scope.branches.values():
            yield from walk(kind, entered)
        return
    around = Around(pointer=pointer, attributes=tuple(scope.attribute_rules))
    for rule in (*scope.choices, *scope.rules):
        yield from _met(rule, around, entered)


def _met(rule: Rule, around: Around, entered: tuple[str, ...]) -> Iterator[tuple[Rule, Around]]:
    yield rule, around
    inner = getattr(rule, "scope", None)
    cycle = f"{rule.place.rule} {rule.printed}"
    if inner is not None and not (isinstance(inner, LazyScope) and cycle in entered):
        yield from walk(inner, (*entered, cycle) if isinstance(inner, LazyScope) else entered)
    item = Around(pointer=f"{rule.place.pointer}/*")
    for held in _held(rule):
        yield from _met(held, item, entered)


def _held(rule: Rule) -> Iterator[Rule]:
    """The rules that fill the items of an array without an element of its own."""
    if isinstance(rule, EachOf):
        yield from (turn.inner for turn in rule.turns.values())
    elif isinstance(rule, Zip):
        yield from (column.leaf for column in rule.columns)


def filled(rule: Rule, around: Around) -> Iterator[str]:
    """Pointers of the fields that a rule fills."""
    for slot in rule.slots():
        yield around.pointer + slot.pointer
        if isinstance(rule, EachOf):
            yield f"{around.pointer}{slot.pointer}/*{rule.tag.pointer}"


def plain_path(wire: str) -> str:
    """A wire path without positions."""
    return _REPEAT.sub("", wire)


def _pointers(root: Any, schema: Any, pointer: str, around: tuple[str, ...]) -> Iterator[str]:
    if "$ref" in schema:
        name = str(schema["$ref"])
        if name not in around:
            yield from _pointers(root, _referenced(root, name), pointer, (*around, name))
        return
    inside = [(inner, f"{pointer}/{name}") for name, inner in schema.get("properties", {}).items()]
    inside += [(branch, pointer) for branch in schema.get("oneOf", ())]
    if "items" in schema:
        inside.append((schema["items"], f"{pointer}/*"))
    if not inside:
        yield pointer
    for inner, place in inside:
        yield from _pointers(root, inner, place, around)


def _referenced(root: Any, name: str) -> Any:
    for step in name.removeprefix("#").split("/")[1:]:
        root = root[step]
    return root
