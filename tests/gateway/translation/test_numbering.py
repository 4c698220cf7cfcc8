"""Fields that take numbers of sequences, and rules that cannot."""

from typing import Any

import pytest

from gateway.errors import SchemaViolationError
from gateway.messaging.sequence import SequenceField
from tests.gateway.translation.making import STR, Maker, arr, obj, wire, written

NUMBER: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 999, "x-supplied": "x"}
RULE = "  - { supply: sequence.file, api: file, wire: x:file, as: integer }\n"
GROUP = """  - group: { wire: x:g, api: file }
    supply: sequence.file
    rules: [ { api: a, wire: x:a } ]
"""
OTHER = "  - { supply: sequence.file, api: other, wire: x:other, as: integer }\n"


def test_a_sequence_runs_between_the_limits_of_its_field(make: Maker) -> None:
    compiled = make(RULE, obj(file=NUMBER))
    assert compiled.sequences == (SequenceField(name="file", pointer="/file", first=1, last=999),)
    document = compiled.complete({}, {"sequence.file": 42})
    assert document == {"file": 42}
    assert written(compiled, document) == "<x:file>42</x:file>"
    assert compiled.read(wire("<x:file>7</x:file>")).document == {"file": 7}
    with pytest.raises(SchemaViolationError):
        compiled.read(wire("<x:file>1000</x:file>"))


def test_a_map_without_sequences_has_none(make: Maker) -> None:
    assert make("  - { api: a, wire: x:a }\n", obj(a=STR)).sequences == ()


def test_a_number_may_stand_in_an_object(make: Maker) -> None:
    rules = "  - { supply: sequence.file, api: head.file, wire: x:file, as: integer }\n"
    (field,) = make(rules, obj(head=obj(file=NUMBER))).sequences
    assert field.pointer == "/head/file"


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in NUMBER.items() if key not in keys}


@pytest.mark.parametrize(
    ("rules", "schema"),
    [
        (RULE, obj(file=without("maximum"))),
        (RULE, obj(file=without("minimum"))),
        (RULE, obj(file={**NUMBER, "maximum": 1})),
        (RULE.replace("as: integer", "as: text"), obj(file=STR)),
        (RULE.replace("integer }", "integer, optional: true }"), obj("file", file=NUMBER)),
        (RULE + OTHER, obj(file=NUMBER, other=NUMBER)),
        (
            "  - each: { wire: x:items, api: items }\n    rules:\n    " + RULE,
            obj(items=arr(obj(file=NUMBER))),
        ),
        (
            GROUP,
            obj(file=obj(a=STR)),
        ),
    ],
)
def test_a_rule_that_no_number_can_be_given_to_is_a_fault(
    make: Maker, rules: str, schema: dict[str, Any]
) -> None:
    faults = make.faults(rules, schema)
    assert [fault.keyword for fault in faults] == ["sequence"]
    assert faults[0].rule is not None
