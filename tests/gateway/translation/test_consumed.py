"""Accounting on the canonical side."""

from typing import Any

import pytest

from gateway.errors import NotExpressibleError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, tag, wire, written

PARTIAL = """
  - { api: a, wire: a }
  - { api: s.x, wire: x, optional: true }
  - each: { wire: i, api: items, optional: true }
    rules: [ { api: b, wire: b } ]
  - each: { wire: t, api: tags, optional: true }
  - group: { wire: g, optional: true }
    rules: [ { api: c, wire: c, optional: true } ]
  - { computed: length more, wire: n }
"""
WIDER = obj(
    "s items tags c more",
    a=STR,
    s=obj("x y", x=STR, y=STR),
    items=arr(obj("z", b=STR, z=STR)),
    tags=arr(STR),
    c=STR,
    more=STR,
)


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"a": "1", "s": {"y": "geheim"}}, "/s/y"),
        ({"a": "1", "items": [{"b": "1"}, {"b": "1", "z": "geheim"}]}, "/items/1/z"),
        ({"a": "1", "more": "geheim"}, "/more"),
    ],
)
def test_field_that_the_map_does_not_know_is_refused(
    make: Maker, document: dict[str, Any], pointer: str
) -> None:
    compiled = make(PARTIAL, WIDER)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write(document)
    assert refused(caught.value)[:2] == ("not-mapped", pointer)
    assert "geheim" not in str(caught.value)


def test_known_fields_of_a_wider_schema_are_written(make: Maker) -> None:
    compiled = make(PARTIAL, WIDER)
    document = {"a": "1", "s": {"x": "2"}, "items": [{"b": "3"}], "tags": ["t"], "c": "4"}
    assert compiled.read(compiled.write(document).data).document == document


def test_every_unmapped_field_is_listed(make: Maker) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        make(PARTIAL, WIDER).write({"a": "1", "more": "x", "s": {"y": "x"}})
    assert {place.pointer for place in caught.value.places} == {"/more", "/s/y"}


@pytest.mark.parametrize(
    ("rules", "schema", "covers"),
    [
        ("  - { api: a, wire: a }\n", obj(a=STR), True),
        ("  - { api: a, wire: a }\n", obj("b", a=STR, b=STR), False),
        ("  - { api: a.b, wire: a }\n", obj(a=obj(b=STR)), True),
        ("  - { api: a.b, wire: a }\n", obj(a=obj("c", b=STR, c=STR)), False),
        ("  - { api: a, wire: a }\n", obj(a=obj(b=STR)), False),
        ("  - { api: a, wire: a }\n", obj(a=arr(obj(b=STR))), False),
        ("  - each: { wire: a, api: a }\n", obj(a=arr(STR)), True),
        (
            "  - { each: { wire: a, api: a }, rules: [ { api: b, wire: b } ] }\n",
            obj(a=arr(obj(b=STR))),
            True,
        ),
        (
            "  - { each: { wire: a, api: a }, rules: [ { api: b, wire: b } ] }\n",
            obj(a=arr(obj("c", b=STR, c=STR))),
            False,
        ),
        ("  - { api: a, wire: a }\n", {"type": "object", "properties": {"a": STR}}, False),
        ("  - { api: a, wire: a }\n", {"properties": {"a": STR}}, False),
        ("  - { api: a, wire: a }\n", {"$ref": "#/$defs/d", "$defs": {"d": obj(a=STR)}}, True),
    ],
)
def test_proof_of_cover_holds_only_where_nothing_can_be_lost(
    make: Maker, rules: str, schema: dict[str, Any], *, covers: bool
) -> None:
    assert make(rules, schema)._consumed._covers is covers


CHOICE = """
  - choice: kind
    optional: true
    rules:
      - { when: a, api: a, wire: a }
      - { when: b, group: { wire: b, api: b }, rules: [ { api: c, wire: c } ] }
"""


def test_cover_of_a_choice_is_proved_branch_by_branch(make: Maker) -> None:
    full = {"oneOf": [obj(kind=tag("a"), a=STR), obj(kind=tag("b"), b=obj(c=STR))]}
    assert make(CHOICE, full)._consumed._covers
    crossed = {"oneOf": [obj(kind=tag("a"), a=STR), obj("a", kind=tag("b"), b=obj(c=STR), a=STR)]}
    compiled = make(CHOICE, crossed)
    assert not compiled._consumed._covers
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"kind": "b", "b": {"c": "1"}, "a": "lost"})
    assert refused(caught.value)[:2] == ("not-mapped", "/a")
    assert written(compiled, {"kind": "a", "a": "1"}) == "<a>1</a>"


def test_tag_that_may_be_left_out_proves_nothing(make: Maker) -> None:
    schema = {"oneOf": [obj("kind", kind=tag("a"), a=STR), obj(kind=tag("b"), b=obj(c=STR))]}
    assert not make(CHOICE, schema)._consumed._covers


def test_part_that_repeats_itself_is_looked_into_as_deep_as_the_document(make: Maker) -> None:
    fragments = """
fragments:
  part:
    rules:
      - { api: n, wire: n }
      - each: { wire: p, api: p, optional: true }
        rules: [ { use: part } ]
"""
    inner = {"$ref": "#/$defs/p"}
    schema = {**inner, "$defs": {"p": obj("p more", n=STR, p=arr(inner), more=STR)}}
    compiled = make("  - { use: part }\n", schema, fragments={"p.yaml": fragments})
    document: dict[str, Any] = {"n": "0"}
    for _ in range(6):
        document = {"n": "0", "p": [document, {"n": "1"}]}
    assert compiled.read(compiled.write(document).data).document == document
    deepest = document
    for _ in range(5):
        deepest = deepest["p"][0]
    deepest["p"][1]["more"] = "geheim"
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write(document)
    assert refused(caught.value)[:2] == ("not-mapped", "/p/0" * 5 + "/p/1/more")


def test_whole_cover_needs_no_look_at_the_document(make: Maker) -> None:
    compiled = make("  - { api: a, wire: a }\n", obj(a=STR))
    assert compiled._consumed.check({"anything": 1}) == []
    assert compiled.read(wire("<a>1</a>")).document == {"a": "1"}


OWNED = """
  - { api: a.b, wire: b, optional: true }
  - { group: { wire: g, api: c.d, optional: true }, rules: [ { api: e, wire: e, optional: true } ] }
"""
HOLLOW = obj("a c", a=obj("b", b=STR), c=obj("d", d=obj("e", e=STR)))


@pytest.mark.parametrize(("document", "pointer"), [({"a": {}}, "/a"), ({"c": {}}, "/c")])
def test_empty_object_that_no_element_stands_for_is_refused(
    make: Maker, document: dict[str, Any], pointer: str
) -> None:
    compiled = make(OWNED, HOLLOW)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write(document)
    assert refused(caught.value)[:2] == ("not-mapped", pointer)


def test_empty_object_that_an_element_stands_for_is_written(make: Maker) -> None:
    compiled = make(OWNED, HOLLOW)
    document: dict[str, Any] = {"a": {"b": ""}, "c": {"d": {}}}
    assert compiled.read(compiled.write(document).data).document == document
