"""From a place on one side of a map to the same place on the other, and to the rule.

The schemas of both sides know their own side only; what they find is completed here.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from gateway.errors import Place
from gateway.translation.breach import RulePlace
from gateway.translation.forms.choice import Choice
from gateway.translation.forms.each import Each
from gateway.translation.forms.each_of import EachOf
from gateway.translation.forms.group import AnyScope, Group
from gateway.translation.forms.typed import TypedScope
from gateway.translation.forms.zip import Zip
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.rule import Rule
from gateway.translation.scope import Scope

_REPEAT = re.compile(r"\[(\d+|[*~])\]")
_INSIDE_EACH = re.compile(r"\[(\d+)\]")


class Places:
    """Where the rules of a map stand, by wire path and by JSON Pointer, without numbers."""

    def __init__(self, scope: Scope) -> None:
        self._by_wire = {scope.place.wire: scope.place}
        self._by_pointer = {"": scope.place}
        rules = (rule for rule in scope.everything() if not isinstance(rule, Choice))
        for rule in rules:
            for place in _wire_places(rule):
                key = _REPEAT.sub("", place.wire)
                known = self._by_wire.get(key)
                self._by_wire[key] = place if known is None else _nearer(known, place)
        for place in _canonical_places(scope):
            self._by_pointer.setdefault(place.pointer or "", place)

    def with_pointer(self, fault: Place) -> Place:
        """Add the canonical side of a place that the wire schema found, and the rule."""
        if fault.wire is None:
            return fault
        place = self._around(fault.wire)
        if place is None:
            return fault
        return replace(fault, pointer=_pointer_at(place, fault.wire), rule=place.rule)

    def with_wire(self, fault: Place) -> Place:
        """Add the wire side of a place that the canonical schema found, and the rule."""
        steps = (fault.pointer or "").split("/")
        place = self._by_pointer.get("/".join("*" if s.isdigit() else s for s in steps))
        if place is None:
            return fault
        numbers = [int(step) for step in steps if step.isdigit()]
        known = place.at(numbers, keyword=fault.keyword, detail=fault.detail)
        return replace(known, pointer=fault.pointer)

    def _around(self, wire: str) -> RulePlace | None:
        """The place of the rule about a wire node, else about the nearest one around it."""
        path = _REPEAT.sub("", wire)
        while path and path not in self._by_wire:
            path = path.rpartition("/")[0]
        return self._by_wire.get(path)


def _wire_places(rule: Rule) -> Iterator[RulePlace]:
    yield rule.place
    if isinstance(rule, Each) and not isinstance(rule.scope, LazyScope):
        yield rule.scope.place


def _canonical_places(scope: AnyScope) -> Iterator[RulePlace]:
    if isinstance(scope, LazyScope):
        return
    for choice in scope.choices:
        yield choice.place
    if isinstance(scope, TypedScope):
        for inner in scope.branches.values():
            yield from _canonical_places(inner)
    for rule in scope.rules:
        yield from _places_of(rule)


def _places_of(rule: Rule) -> Iterator[RulePlace]:
    if any(True for _ in rule.slots()) and not (isinstance(rule, Group) and rule.slot is None):
        yield from (place for place in getattr(rule, "places", [rule.place]))
    if isinstance(rule, Each):
        yield rule.place.repeated()
    if isinstance(rule, Group | Each):
        yield from _canonical_places(rule.scope)
    elif isinstance(rule, EachOf | Zip):
        item = f"{rule.place.pointer}/*"
        tag = [rule.tag.pointer] if isinstance(rule, EachOf) else []
        # Which element an item would be is not known: the place is the element around them.
        yield from (replace(rule.place, pointer=f"{item}{field}") for field in ("", *tag))
        for inner in rule.rules_below():
            yield from _places_of(inner)


def _nearer(known: RulePlace, other: RulePlace) -> RulePlace:
    """Of two rules about one wire node the more exact one; else what both are part of."""
    mine, theirs = known.pointer or "", other.pointer or ""
    if f"{theirs}/".startswith(f"{mine}/"):
        return other
    if f"{mine}/".startswith(f"{theirs}/"):
        return known
    shared = []
    for left, right in zip(mine.split("/"), theirs.split("/"), strict=False):
        if left != right:
            break
        shared.append(left)
    return replace(known, pointer="/".join(shared))


def _pointer_at(place: RulePlace, wire: str) -> str | None:
    """Number the pointer's repeats by the positions in a path; a path may leave out ``[1]``."""
    if place.pointer is None:
        return None
    numbers: list[int | None] = []
    for step, found in zip(place.wire.split("/"), wire.split("/"), strict=False):
        if step.endswith("[*]"):
            position = _INSIDE_EACH.search(found)
            numbers.append(int(position[1]) - 1 if position else 0)
        elif step.endswith("[~]"):
            numbers.append(None)  # its index in the array does not follow from its position
    return place.at(numbers, keyword="", detail="").pointer
