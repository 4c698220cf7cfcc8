"""The full form of the ledger: where every value of a message comes from, and where it goes.

Recomputed from the map and the message when somebody asks; nothing is tracked while translating.
Places, never values. A written message is explained by explaining its bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gateway.translation.forms.each_of import Turn
from gateway.translation.forms.group import AnyScope
from gateway.translation.forms.typed import TypedScope
from gateway.translation.forms.zip import Column
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.ledger import Note
from gateway.translation.map import Map
from gateway.translation.rule import Alternatives, Rule
from gateway.validation.wire_path import wire_path
from gateway.validation.xml_document import parse_xml

_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """One value.

    Attributes:
        wire: Its place in the message.
        pointer: Its place in the document; None where it has none.
        kind: ``mapped``, ``supplied``, ``const``, ``dropped``, ``defaulted`` …
        rule: Map file and line.
        reason: Why it was not carried over, or how it was spelt otherwise.
    """

    wire: str
    pointer: str | None
    kind: str
    rule: str
    reason: str | None = None


def explain(translation: Map, data: bytes) -> tuple[Origin, ...]:
    """The origin of every value of a message, in the order of the message.

    Raises:
        MalformedBodyError: Not the XML that is taken.
        SchemaViolationError: As ``Map.read``.
        NotExpressibleError: As ``Map.read``.
    """
    ledger = translation.read(data).ledger
    notes = {note.wire: note for note in ledger.normalised}
    walk = _Walk(translation)
    root = parse_xml(data, limit=_LIMIT_BYTES, drop_notes=True).root
    found = list(walk.scope(translation.scope, root, ""))
    found += [_absent(note, walk) for note in ledger.defaulted]
    return tuple(_noted(origin, notes.get(origin.wire)) for origin in found)


class _Walk:
    """Goes down a message and the rules beside it."""

    def __init__(self, translation: Map) -> None:
        self._names = translation.namespaces
        self.pointers = {
            rule.place.rule: rule.place.pointer for rule in translation.scope.everything()
        }

    def scope(self, scope: AnyScope, node: Any, pointer: str) -> Iterator[Origin]:
        """The values in an element whose rules fill the object at a pointer."""
        if isinstance(scope, TypedScope):
            yield self._tag(scope.choice, node, pointer)
            scope = scope.branches[scope.kind_of(node) or ""]
        if isinstance(scope, LazyScope):
            scope = scope.scope
        for name in node.keys():  # noqa: SIM118 - an element is no mapping
            rule = scope.attributes[name]
            yield from self._values(rule, node, pointer, attribute=name)
        if scope.text is not None and (node.text or scope.text.required):
            yield from self._values(scope.text, node, pointer)
        counts: dict[str, int] = {}
        tagged: set[int] = set()
        for child in node:
            rule = scope.children[child.tag]
            picked = rule.pick(child) or rule
            if picked.branch is not None and id(picked.branch.choice) not in tagged:
                tagged.add(id(picked.branch.choice))
                yield self._tag(picked.branch.choice, child, pointer)
            yield from self._child(picked, child, pointer, counts)

    def _child(
        self, rule: Rule, node: Any, pointer: str, counts: dict[str, int]
    ) -> Iterator[Origin]:
        if isinstance(rule, Turn | Column):
            yield from self._item(rule, node, pointer, counts)
            return
        inner = getattr(rule, "scope", None)
        if inner is None:
            yield from self._values(rule, node, pointer)
            return
        slot = getattr(rule, "slot", None)
        here = pointer if slot is None else pointer + slot.pointer
        if rule.repeats:
            number = counts.get(here, 0)
            counts[here] = number + 1
            here = f"{here}/{number}"
        yield from self.scope(inner, node, here)

    def _item(
        self, rule: Turn | Column, node: Any, pointer: str, counts: dict[str, int]
    ) -> Iterator[Origin]:
        """The values in one of several elements that fill an array together."""
        array = pointer + rule.of.slot.pointer
        # The elements of a repeated choice are numbered together, those of each list by themselves.
        key = array if isinstance(rule, Turn) else f"{array} {rule.number}"
        number = counts.get(key, 0)
        counts[key] = number + 1
        here = f"{array}/{number}"
        if isinstance(rule, Turn):
            yield Origin(
                wire=wire_path(node, namespaces=self._names),
                pointer=here + rule.of.tag.pointer,
                kind="mapped",
                rule=rule.of.place.rule,
                reason="the branch that is there",
            )
            yield from self._child(rule.inner, node, here, {})
        else:
            yield from self._values(rule.leaf, node, here)

    def _values(
        self, rule: Rule, node: Any, pointer: str, attribute: str | None = None
    ) -> Iterator[Origin]:
        wire = wire_path(node, namespaces=self._names, attribute=attribute)
        # One node may fill several fields; one that fills none has an origin all the same.
        places: list[str | None] = [pointer + slot.pointer for slot in rule.slots()]
        for place in places or [None]:
            yield Origin(
                wire=wire,
                pointer=place,
                kind=rule.decides,
                rule=rule.place.rule,
                reason=rule.reason,
            )

    def _tag(self, choice: Alternatives, node: Any, pointer: str) -> Origin:
        return Origin(
            wire=wire_path(node, namespaces=self._names),
            pointer=pointer + choice.tag.pointer,
            kind="mapped",
            rule=choice.place.rule,
            reason="the branch that is there",
        )


def _absent(note: Note, walk: _Walk) -> Origin:
    pointer = walk.pointers.get(note.rule or "")
    return Origin(
        wire=note.wire,
        pointer=pointer,
        kind="defaulted",
        rule=note.rule or "",
        reason=note.reason,
    )


def _noted(origin: Origin, note: Note | None) -> Origin:
    return origin if note is None or origin.reason else replace(origin, reason=note.reason)
