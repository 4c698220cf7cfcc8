"""Two rules that fill the same field."""

import pytest

from tests.gateway.translation.making import STR, Maker, arr, obj, tag, wire

A = "{ api: a, wire: a }"


@pytest.mark.parametrize(
    "second",
    [
        "{ api: a, wire: b }",
        "{ supply: message.id, api: a, wire: b }",
        "{ group: { wire: g }, rules: [ { api: a, wire: b } ] }",
        "{ group: { wire: g, api: a }, rules: [] }",
        "{ each: { wire: b, api: a } }",
        "{ choice: a, rules: [ { when: x, otherwise: true } ] }",
    ],
)
def test_value_that_another_would_overwrite_is_a_fault(make: Maker, second: str) -> None:
    faults = make.faults(f"  - {A}\n  - {second}\n", obj(a=STR))
    assert any("test.map.yaml:" in f.detail and "same canonical field" in f.detail for f in faults)


def test_rules_of_different_branches_may_fill_the_same_field(make: Maker) -> None:
    rules = """
  - choice: kind
    rules:
      - { when: x, api: text, wire: x }
      - { when: y, api: text, wire: y }
"""
    schema = {"oneOf": [obj(kind=tag("x"), text=STR), obj(kind=tag("y"), text=STR)]}
    compiled = make(rules, schema)
    assert compiled.read(wire("<y>1</y>")).document == {"kind": "y", "text": "1"}


def test_rules_of_one_branch_may_not(make: Maker) -> None:
    rules = """
  - choice: kind
    rules:
      - { when: x, rules: [ { api: text, wire: x }, { api: text, wire: z } ] }
      - { when: y, api: text, wire: y }
"""
    schema = {"oneOf": [obj(kind=tag("x"), text=STR), obj(kind=tag("y"), text=STR)]}
    assert [fault.rule for fault in make.faults(rules, schema)] == ["test.map.yaml:14"]


def test_parts_of_one_object_are_no_double_claim(make: Maker) -> None:
    rules = """
  - { group: { wire: g, api: s }, rules: [ { api: a, wire: a } ] }
  - { api: s.b, wire: b }
  - { each: { wire: i, api: i }, rules: [ { api: a, wire: a } ] }
"""
    compiled = make(rules, obj(s=obj(a=STR, b=STR), i=arr(obj(a=STR))))
    inside = "<g><a>1</a></g><b>2</b><i><a>3</a></i>"
    assert compiled.read(wire(inside)).document == {"s": {"a": "1", "b": "2"}, "i": [{"a": "3"}]}


def test_part_that_repeats_itself_claims_once(make: Maker) -> None:
    each = "each: { wire: p, api: p, optional: true }, rules: [ { use: p } ]"
    part = f"fragments: {{ p: {{ rules: [ {{ {each} }} ] }} }}\n"
    inner = {"$ref": "#/$defs/p"}
    compiled = make(
        "  - { use: p }\n",
        {**inner, "$defs": {"p": obj("p", p=arr(inner))}},
        fragments={"p.yaml": part},
    )
    assert compiled.read(wire("<p><p/></p>")).document == {"p": [{"p": [{}]}]}
