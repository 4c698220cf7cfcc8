"""Exactly one of several branches."""

from typing import Any

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from gateway.translation.breach import BreachError
from gateway.translation.ledger import Run
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, tag, wire, written

RULES = """
  - choice: kind
    %s
    rules:
      - { when: a, each: { wire: a, api: as } }
      - when: b
        rules:
          - { api: b, wire: b }
          - { api: c, wire: c, optional: true }
      - { when: n, const: "true", wire: none, as: boolean }
"""
BRANCHES = [
    obj(kind=tag("a"), **{"as": arr(STR)}),
    obj("c", kind=tag("b"), b=STR, c=STR),
    obj(kind=tag("n")),
]
SCHEMA = {"oneOf": BRANCHES}


@pytest.mark.parametrize(
    ("inside", "document"),
    [
        ("<a>1</a><a>2</a>", {"kind": "a", "as": ["1", "2"]}),
        ("<b>1</b>", {"kind": "b", "b": "1"}),
        ("<b>1</b><c>2</c>", {"kind": "b", "b": "1", "c": "2"}),
        ("<none>true</none>", {"kind": "n"}),
    ],
)
def test_wire_nodes_select_the_branch_and_the_tag_writes_it(
    make: Maker, inside: str, document: dict[str, Any]
) -> None:
    compiled = make(RULES % "", SCHEMA)
    assert compiled.read(wire(inside)).document == document
    assert written(compiled, document) == inside


@pytest.mark.parametrize(
    ("inside", "place"),
    [
        ("", ("choice", "/kind", "/x:m")),
        ("<a>1</a><b>2</b>", ("second-branch", "/kind", "/x:m/b")),
        ("<c>2</c>", ("required", "/b", "/x:m/b")),
    ],
)
def test_no_second_or_incomplete_branch_is_refused(
    make: Maker, inside: str, place: tuple[str, str, str]
) -> None:
    compiled = make(RULES % "", SCHEMA)
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire(inside))
    assert refused(caught.value) == place


LOOSE = """
  - choice: kind
    optional: true
    rules:
      - { when: a, api: a, wire: a }
      - { when: b, const: B, wire: b }
"""


def test_optional_choice_may_be_absent(make: Maker) -> None:
    schema = {"oneOf": [obj(kind=tag("a"), a=STR), obj("kind", kind=tag("b"))]}
    compiled = make(LOOSE, schema)
    assert compiled.read(wire()).document == {}
    assert written(compiled, {}) == ""


def test_value_of_a_branch_that_no_tag_names_is_refused(make: Maker) -> None:
    schema = {"oneOf": [obj("kind a", kind=tag("a"), a=STR), obj(kind=tag("b"))]}
    compiled = make(LOOSE, schema)
    assert written(compiled, {}) == ""
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"a": "would be lost"})
    assert refused(caught.value)[:2] == ("not-mapped", "/a")
    assert "lost" not in str(caught.value)


def test_missing_tag_is_refused_when_written(make: Maker) -> None:
    schema = {"oneOf": [obj("kind", kind=tag("a"), **{"as": arr(STR)}), *BRANCHES[1:]]}
    compiled = make(RULES % "", schema)
    with pytest.raises(NotExpressibleError):
        compiled.write({"as": ["1"]})


OTHERWISE = """
  - choice: kind
    rules:
      - { when: a, api: a, wire: a, optional: true }
      - { when: rest, otherwise: true }
"""
OTHERWISE_SCHEMA = {"oneOf": [obj("a", kind=tag("a"), a=STR), obj(kind=tag("rest"))]}


def test_otherwise_is_the_branch_without_nodes(make: Maker) -> None:
    compiled = make(OTHERWISE, OTHERWISE_SCHEMA)
    assert compiled.read(wire()).document == {"kind": "rest"}
    assert written(compiled, {"kind": "rest"}) == ""
    assert compiled.read(wire("<a/>")).document == {"kind": "a", "a": ""}


def test_branch_that_would_be_read_as_another_is_not_written(make: Maker) -> None:
    compiled = make(OTHERWISE, OTHERWISE_SCHEMA)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"kind": "a"})
    assert refused(caught.value) == ("choice", "/kind", "/x:m")


def test_defaults_of_the_taken_branch_are_read(make: Maker) -> None:
    rules = """
  - choice: kind
    rules:
      - when: a
        rules:
          - { api: a, wire: a }
          - { api: d, wire: d, default: x }
          - { const: K, wire: k, write: always }
      - when: b
        rules:
          - { api: b, wire: b }
          - { api: e, wire: e, default: y }
"""
    schema = {"oneOf": [obj(kind=tag("a"), a=STR, d=STR), obj(kind=tag("b"), b=STR, e=STR)]}
    compiled = make(rules, schema)
    reading = compiled.read(wire("<a>1</a>"))
    assert reading.document == {"kind": "a", "a": "1", "d": "x"}
    assert [note.wire for note in reading.ledger.defaulted] == ["/x:m/d"]
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/k"]
    assert written(compiled, reading.document) == "<a>1</a><k>K</k>"


def test_completion_fills_the_chosen_branch_only(make: Maker) -> None:
    rules = """
  - choice: kind
    rules:
      - { when: a, supply: product.name, api: p, wire: a }
      - { when: b, supply: product.version, api: v, wire: b }
"""
    schema = {"oneOf": [obj(kind=tag("a"), p=STR), obj(kind=tag("b"), v=STR)]}
    compiled = make(rules, schema)
    supplies = {"product.name": "P", "product.version": "V"}
    assert compiled.complete({"kind": "a"}, supplies) == {"kind": "a", "p": "P"}
    assert compiled.complete({"kind": "b"}, supplies) == {"kind": "b", "v": "V"}
    for strange in ({}, {"kind": ["a"]}, {"kind": "z"}, {"kind": None}):
        assert compiled.complete(strange, supplies) == strange


def test_branches_and_alternatives_must_be_the_same(make: Maker) -> None:
    schema = {"oneOf": [*BRANCHES[:2], obj(kind=tag("other"))]}
    details = [fault.detail for fault in make.faults(RULES % "", schema)]
    assert any("`other`" in detail for detail in details)
    assert any("`n`" in detail for detail in details)


def test_tag_must_be_a_discriminator(make: Maker) -> None:
    faults = make.faults(LOOSE, obj("a", kind=STR, a=STR))
    assert any("`const`" in fault.detail for fault in faults)


def test_choice_in_a_repeat_is_an_array_of_tagged_objects(make: Maker) -> None:
    rules = """
  - each: { wire: i, api: items }
    rules:
      - choice: kind
        rules:
          - { when: a, api: a, wire: a }
          - { when: b, api: b, wire: b }
"""
    schema = obj(items=arr({"oneOf": [obj(kind=tag("a"), a=STR), obj(kind=tag("b"), b=STR)]}))
    compiled = make(rules, schema)
    inside = "<i><b>1</b></i><i><a>2</a></i>"
    document = {"items": [{"kind": "b", "b": "1"}, {"kind": "a", "a": "2"}]}
    assert compiled.read(wire(inside)).document == document
    assert written(compiled, document) == inside
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire("<i><b>1</b></i><i/>"))
    assert refused(caught.value) == ("choice", "/items/1/kind", "/x:m/i[2]")


def test_tag_of_no_branch_is_refused_by_the_rule_too(make: Maker) -> None:
    compiled = make(RULES % "", SCHEMA)
    choice = compiled.scope.choices[0]
    for document in ({"kind": "strange"}, {"kind": ["a"]}, {}):
        with pytest.raises(BreachError) as caught:
            choice.write(document, [], Run())
        assert caught.value.place.pointer == "/kind"
    choice.read(None, {}, Run())


def test_supplied_values_of_branches_are_seen(make: Maker) -> None:
    assert not make(RULES % "", SCHEMA).scope.choices[0].is_supplied
