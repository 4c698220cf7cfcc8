"""Accounting on the canonical side: which fields of a document a map writes at all.

The canonical schema says what may stand in a document; a map may know less of it. What it does not
know is refused here, so that nothing is left out in silence.
"""

from collections.abc import Mapping
from typing import Any

from gateway.errors import Place
from gateway.translation.forms.computed import Computed
from gateway.translation.forms.each import Each
from gateway.translation.forms.each_of import EachOf
from gateway.translation.forms.group import AnyScope, Group
from gateway.translation.forms.typed import TypedScope
from gateway.translation.forms.unsupported import Unsupported
from gateway.translation.forms.zip import Zip
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.rule import Alternatives, Rule
from gateway.translation.schema_view import SchemaView
from gateway.translation.scope import Scope
from gateway.translation.slots import ITEM, Slot

_DEEPEST = 40
"""A schema nested deeper than this (one that refers to itself) is checked document by document."""


class _Fields:
    """The fields a map knows in one canonical object.

    Attributes:
        known: Field name to what stands inside it; None: a value.
        choices: Tag and the further fields of each of its values.
        owned: Whether an element stands for the object; else it is gone when nothing is in it.
        repeats: Parts that repeat an outer one; looked into when a document gets that deep.
        whole: Whether a rule speaks of the object with everything in it.
    """

    __slots__ = ("choices", "known", "owned", "repeats", "whole")

    def __init__(self) -> None:
        self.known: dict[str, _Fields | None] = {}
        self.choices: list[tuple[Slot, dict[str, _Fields]]] = []
        self.owned = False
        self.repeats: list[LazyScope] = []
        self.whole = False

    def unrolled(self) -> "_Fields":
        """The same, with the parts that repeat an outer one looked into."""
        while self.repeats:
            _gather(self.repeats.pop().scope, self)
        return self

    def inside(self, slot: Slot) -> "_Fields":
        """The object at a slot, made if it is not known yet."""
        here = self
        for step in (*slot.parents, slot.last):
            inner = here.known.get(step)
            if inner is None:
                inner = _Fields()
                here.known[step] = inner
            here = inner
        here.owned = True
        return here

    def add(self, slot: Slot) -> None:
        """Note a value at a slot."""
        here = self
        for step in slot.parents:
            inner = here.known.get(step)
            if inner is None:
                inner = _Fields()
                here.known[step] = inner
            here = inner
        here.known.setdefault(slot.last, None)


class Consumed:
    """Checks that every field of a document is one that the map writes."""

    def __init__(self, scope: Scope, schema: Mapping[str, Any]) -> None:
        self._fields = _Fields()
        _gather(scope, self._fields)
        # Where the map writes everything that the schema allows, no document need be looked at.
        self._covers = _covers([self._fields], SchemaView(schema), "")

    def check(self, document: Mapping[str, Any]) -> list[Place]:
        """The fields that no rule writes, each with its JSON Pointer; the document is valid."""
        faults: list[Place] = []
        if self._covers:
            return faults
        _check([self._fields], document, "", faults)
        return faults


def _gather(scope: AnyScope, fields: _Fields) -> None:
    if isinstance(scope, LazyScope):
        fields.repeats.append(scope)
        return
    if isinstance(scope, TypedScope):
        fields.add(scope.choice.tag)
        kinds = {value: _Fields() for value in scope.branches}
        for value, inner in scope.branches.items():
            _gather(inner, kinds[value])
        fields.choices.append((scope.choice.tag, kinds))
        return
    for rule in scope.rules:
        if rule.branch is None:
            _note(rule, fields)
    for choice in scope.choices:
        _note_choice(choice, fields)


def _note_choice(choice: Alternatives, fields: _Fields) -> None:
    fields.add(choice.tag)
    branches = {}
    for value, branch in choice.branches.items():
        branches[value] = _Fields()
        for rule in branch.rules:
            _note(rule, branches[value])
    fields.choices.append((choice.tag, branches))


def _note(rule: Rule, fields: _Fields) -> None:
    if isinstance(rule, Group):
        _gather(rule.scope, fields if rule.slot is None else fields.inside(rule.slot))
    elif isinstance(rule, Each):
        if rule.scalar:
            fields.add(rule.slot)
        else:
            _gather(rule.scope, fields.inside(rule.slot))
    elif isinstance(rule, EachOf | Zip):
        _note_items(rule, fields.inside(rule.slot))
    elif not isinstance(rule, Computed):
        _note_values(rule, fields)


def _note_values(rule: Rule, fields: _Fields) -> None:
    for slot in rule.slots():
        if isinstance(rule, Unsupported):
            fields.inside(slot).whole = True
        elif slot.key != ITEM:
            fields.add(slot)


def _note_items(rule: EachOf | Zip, items: _Fields) -> None:
    if isinstance(rule, Zip):
        for column in rule.columns:
            _note(column.leaf, items)
        return
    items.add(rule.tag)
    kinds = {value: _Fields() for value in rule.turns}
    for value, turn in rule.turns.items():
        _note(turn.inner, kinds[value])
    items.choices.append((rule.tag, kinds))


def _check(known: list[_Fields], obj: Mapping[str, Any], pointer: str, faults: list[Place]) -> None:
    known = _with_branches(known, obj)
    for key, value in obj.items():
        inner = [fields.known[key] for fields in known if key in fields.known]
        here = f"{pointer}/{key}"
        if not inner:
            faults.append(_lost("This map has no rule for the field.", here))
        deeper = _looked_into(inner)
        if type(value) is dict and deeper:
            if not value and not any(fields.owned for fields in deeper):
                faults.append(_lost("An empty object would be read as absent.", here))
            _check(deeper, value, here, faults)
        elif type(value) is list and deeper:
            for index, item in enumerate(value):
                if type(item) is dict:
                    _check(deeper, item, f"{here}/{index}", faults)


def _looked_into(found: list[_Fields | None]) -> list[_Fields]:
    """What is known of the fields inside; nothing where a rule takes the object as a whole."""
    known = [fields for fields in found if fields is not None]
    return [] if any(fields.whole for fields in known) else known


def _lost(detail: str, pointer: str) -> Place:
    return Place(keyword="not-mapped", detail=detail, pointer=pointer)


def _with_branches(known: list[_Fields], obj: Mapping[str, Any]) -> list[_Fields]:
    found = [fields.unrolled() for fields in known]
    for fields in found:  # grows while it is walked: a branch may hold choices of its own
        for tag, branches in fields.choices:
            branch = branches.get(tag.get(obj))
            if branch is not None:
                found.append(branch.unrolled())
    return found


def _covers(known: list[_Fields], view: SchemaView, pointer: str, depth: int = 0) -> bool:
    """Whether every field of every alternative of the schema is one that the map writes."""
    if depth > _DEEPEST or any(fields.repeats for fields in known):
        return False
    return all(_covers_one(known, view, schema, depth) for schema in view.at(pointer))


def _covers_one(
    known: list[_Fields], view: SchemaView, schema: Mapping[str, Any], depth: int
) -> bool:
    properties = schema.get("properties", {})
    tags = {
        name: inner["const"]
        for name, inner in properties.items()
        if "const" in inner and name in schema.get("required", ())
    }
    if (properties or schema.get("type") == "object") and schema.get(
        "additionalProperties"
    ) is not False:
        return False
    known = _with_branches(known, tags)
    for name, inner in properties.items():
        found = [fields.known[name] for fields in known if name in fields.known]
        if not found:
            return False
        if any(fields is not None and fields.whole for fields in found):
            continue
        deeper = _looked_into(found)
        if deeper and not _covers(deeper, view.of(inner), "", depth + 1):
            return False
        if deeper and not any(f.owned for f in deeper) and view.of(inner).may_be_empty():
            return False
        if not deeper and view.of(inner).has_fields():
            return False
    items = schema.get("items")
    return items is None or _covers(known, view.of(items), "", depth + 1)
