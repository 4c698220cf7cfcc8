"""Where the numbers of sequences stand in a map's documents, and what is wrong with such rules.

A sequence runs between the limits that the canonical schema gives its field, and begins again after
the largest one; so the limits are stated once. Kept out: which number comes next (the store).
"""

from collections.abc import Iterator

from gateway.errors import Place
from gateway.messaging.sequence import PREFIX, SequenceField
from gateway.translation.forms.leaf import Leaf
from gateway.translation.rule import Rule
from gateway.translation.schema_view import SchemaView
from gateway.translation.scope import Scope


def sequence_fields(scope: Scope, schema: SchemaView) -> tuple[SequenceField, ...]:
    """The fields of a map that hold numbers of sequences; wrong ones are left out."""
    found = (_field(rule, schema) for rule in _numbered(scope))
    return tuple(one for one in found if isinstance(one, SequenceField))


def sequence_faults(scope: Scope, schema: SchemaView) -> Iterator[Place]:
    """Every rule that no number of a sequence can be given to."""
    known: dict[str, SequenceField] = {}
    for rule in _numbered(scope):
        found = _field(rule, schema)
        if isinstance(found, str):
            yield rule.fault(found, "sequence")
        elif known.setdefault(found.name, found) is not found:
            yield rule.fault("Two fields of a map take numbers of the same sequence.", "sequence")


def _numbered(scope: Scope) -> Iterator[Rule]:
    for rule in scope.everything():
        if str(getattr(rule, "supply", None) or "").startswith(PREFIX):
            yield rule


def _field(rule: Rule, schema: SchemaView) -> SequenceField | str:
    """The field, or what is wrong with it."""
    pointer = rule.place.pointer or ""
    if not isinstance(rule, Leaf) or rule.content.type.name != "integer" or not rule.required:
        return "A number of a sequence is one integer (`as: integer`) that is always there."
    if "*" in pointer.split("/"):
        return "A message has one number of a sequence, so it stands in no array."
    limits = {(one.get("minimum"), one.get("maximum")) for one in schema.at(pointer)}
    first, last = limits.pop() if len(limits) == 1 else (None, None)
    if not isinstance(first, int) or not isinstance(last, int) or first >= last:
        return (
            "The canonical schema must give the field of a sequence `minimum` and `maximum`: it"
            " begins with the one, and begins again after the other."
        )
    supply = str(rule.supply)
    return SequenceField(name=supply.removeprefix(PREFIX), pointer=pointer, first=first, last=last)
