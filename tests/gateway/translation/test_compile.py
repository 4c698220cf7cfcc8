"""Tables from rules; every fault listed."""

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, tag, wire, written


def test_every_fault_is_listed_with_its_line(make: Maker) -> None:
    rules = """
  - { api: a, wire: a, sa: text }
  - { api: b, wire: y:b }
  - { use: nothing }
  - group: { wire: g }
    rules:
      - { api: c }
  - choice: k
    rules:
      - { when: x, api: d, wire: "@d" }
"""
    faults = make.faults(rules, obj(a=STR))
    lines = sorted(str(fault.rule) for fault in faults)
    assert lines == [f"test.map.yaml:{n}" for n in (12, 13, 14, 17, 20)]


@pytest.mark.parametrize(
    "second", ["{ api: b, wire: a }", '{ api: b, wire: "@k" }', '{ api: b, wire: "." }']
)
def test_two_rules_for_one_node_are_refused(make: Maker, second: str) -> None:
    rules = f"""
  - {{ api: a, wire: a }}
  - {{ api: k, wire: "@k" }}
  - {{ api: t, wire: "." }}
  - {second}
"""
    schema = obj(a=STR, k=STR, t=STR, b=STR)
    assert [fault.rule for fault in make.faults(rules, schema)] == ["test.map.yaml:15"]


def test_branches_must_be_disjoint(make: Maker) -> None:
    rules = """
  - choice: kind
    rules:
      - { when: a, api: a, wire: w }
      - { when: b, api: b, wire: w }
"""
    schema = {"oneOf": [obj(kind=tag("a"), a=STR), obj(kind=tag("b"), b=STR)]}
    assert [fault.rule for fault in make.faults(rules, schema)] == ["test.map.yaml:15"]


def test_order_of_rules_is_the_order_of_elements(make: Maker) -> None:
    compiled = make(
        '  - { api: b, wire: b }\n  - { api: a, wire: a }\n  - { api: k, wire: "@k" }\n',
        obj(a=STR, b=STR, k=STR),
    )
    assert written(compiled, {"a": "1", "b": "2", "k": "3"}) == ' k="3"><b>2</b><a>1</a>'


def test_own_text_comes_before_the_children(make: Maker) -> None:
    compiled = make('  - { api: a, wire: a }\n  - { api: t, wire: "." }\n', obj(a=STR, t=STR))
    assert written(compiled, {"a": "1", "t": "2"}) == "2<a>1</a>"
    assert compiled.read(wire("2<a>1</a>")).document == {"a": "1", "t": "2"}


def test_group_may_hold_nothing_but_a_choice(make: Maker) -> None:
    rules = """
  - group: { wire: g, api: g }
    choice: kind
    rules:
      - { when: a, api: a, wire: a }
      - { when: b, use: part, with: { api: b } }
"""
    schema = obj(g={"oneOf": [obj(kind=tag("a"), a=STR), obj(kind=tag("b"), b=STR)]})
    part = "fragments: { part: { parameters: { api: }, rules: [ { api: $api, wire: b } ] } }\n"
    compiled = make(rules, schema, fragments={"p.yaml": part})
    assert written(compiled, {"g": {"kind": "b", "b": "1"}}) == "<g><b>1</b></g>"
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire("<g/>"))
    assert refused(caught.value) == ("choice", "/g/kind", "/x:m/g")


RECURSIVE = """
fragments:
  part:
    rules:
      - { api: name, wire: name }
      - each: { wire: part, api: parts, optional: true }
        rules: [ { use: part } ]
"""
TREE = {
    "$ref": "#/$defs/part",
    "$defs": {"part": obj("parts", name=STR, parts=arr({"$ref": "#/$defs/part"}))},
}
ENDLESS = {
    "itself": "fragments: { part: { rules: [ { use: part } ] } }\n",
    "each other": (
        "fragments: { part: { rules: [ { use: b } ] }, b: { rules: [ { use: part } ] } }\n"
    ),
    "a group without a field": (
        "fragments: { part: { rules: [ { group: { wire: g, optional: true }, "
        "rules: [ { use: part } ] } ] } }\n"
    ),
}


@pytest.mark.parametrize("fragments", ENDLESS.values(), ids=ENDLESS.keys())
def test_fragment_without_an_end_is_a_fault(make: Maker, fragments: str) -> None:
    faults = make.faults("  - { use: part }\n", obj(), fragments={"p.yaml": fragments})
    assert {fault.rule for fault in faults} <= {"p.yaml:1"}


def test_recursion_through_a_branch_ends(make: Maker) -> None:
    fragments = """
fragments:
  node:
    rules:
      - choice: kind
        rules:
          - { when: leaf, api: text, wire: leaf }
          - { when: pair, each: { wire: node, api: nodes }, rules: [ { use: node } ] }
          - when: boxed
            group: { wire: box, api: box }
            choice: inside
            rules: [ { when: node, use: wrapped }, { when: nothing, otherwise: true } ]
  wrapped:
    rules: [ { group: { wire: w, api: node }, rules: [ { use: node } ] } ]
"""
    box = {
        "oneOf": [obj(inside=tag("node"), node={"$ref": "#/$defs/n"}), obj(inside=tag("nothing"))]
    }
    node = {
        "oneOf": [
            obj(kind=tag("leaf"), text=STR),
            obj(kind=tag("pair"), nodes=arr({"$ref": "#/$defs/n"})),
            obj(kind=tag("boxed"), box=box),
        ]
    }
    schema = {"$ref": "#/$defs/n", "$defs": {"n": node}}
    compiled = make("  - { use: node }\n", schema, fragments={"p.yaml": fragments})
    leaf = {"kind": "leaf", "text": "t"}
    boxed = {"kind": "boxed", "box": {"inside": "node", "node": leaf}}
    document = {"kind": "pair", "nodes": [{"kind": "pair", "nodes": [boxed, leaf]}]}
    assert compiled.read(compiled.write(document).data).document == document


def test_recursive_rules_are_refused_at_any_depth_with_their_place(make: Maker) -> None:
    compiled = make("  - { use: part }\n", TREE, fragments={"p.yaml": RECURSIVE})
    inside = "<name>a</name><part><name>b</name><part><name>c</name>%s</part></part>"
    with pytest.raises(NotExpressibleError) as caught:
        compiled.read(wire(inside % "<part><name>d</name></part><part><name>e</name><z/></part>"))
    assert refused(caught.value) == (
        "unknown-element",
        "/parts/0/parts/0/parts/1",
        "/x:m/part/part/part[2]/z",
    )
    assert caught.value.places[0].rule == "p.yaml:6"
