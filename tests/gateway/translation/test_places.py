"""Places that a schema finds, completed with the other side and the rule."""

from typing import Any

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from tests.gateway.translation.making import INT, STR, Maker, arr, obj, tag, wire

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<xs:simpleType name="two"><xs:restriction base="xs:string"><xs:length value="2"/></xs:restriction>
</xs:simpleType>
<xs:element name="m"><xs:complexType><xs:sequence>
  <xs:element name="i" minOccurs="0" maxOccurs="9"><xs:complexType><xs:sequence>
    <xs:element name="s" maxOccurs="9" type="T" xmlns="urn:t"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="c" minOccurs="0" maxOccurs="2"><xs:complexType><xs:simpleContent>
    <xs:extension base="t:two" xmlns:t="urn:t"><xs:attribute name="type" type="xs:string"/>
    </xs:extension></xs:simpleContent></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>""".replace('type="T" xmlns="urn:t"', 'type="t:two" xmlns:t="urn:t"')
RULES = """
  - each: { wire: i, api: items, optional: true }
    rules: [ { each: { wire: s, api: s } } ]
  - { api: contact.a, wire: c, where: { "@type": a }, optional: true }
  - { api: contact.b, wire: c, where: { "@type": b }, optional: true }
"""
SCHEMA = obj("items contact", items=arr(obj(s=arr(STR))), contact=obj("a b", a=STR, b=STR))


def places(error: Any) -> list[tuple[str | None, str | None, str | None]]:
    return [(place.pointer, place.wire, place.rule) for place in error.value.places]


def test_wire_schema_fault_has_its_pointer_with_all_indices(make: Maker) -> None:
    compiled = make(RULES, SCHEMA, xsd=XSD)
    document = {"items": [{"s": ["ab"]}, {"s": ["ab", "geheim"]}]}
    with pytest.raises(NotExpressibleError) as writing:
        compiled.write(document)
    expected = [("/items/1/s/1", "/x:m/i[2]/s[2]", "test.map.yaml:13")]
    assert places(writing) == expected
    inside = "<i><s>ab</s></i><i><s>ab</s><s>geheim</s></i>"
    with pytest.raises(SchemaViolationError) as reading:
        compiled.read(wire(inside))
    assert places(reading) == expected
    assert "geheim" not in f"{writing.value}{reading.value}"


def test_fault_of_a_whole_repeat_names_the_item(make: Maker) -> None:
    compiled = make(RULES, SCHEMA, xsd=XSD)
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire("<i><s>ab</s></i><i/>"))
    assert {pointer for pointer, _, _ in places(caught)} <= {"/items/1", "/items/1/s"}


def test_place_that_two_rules_share_names_what_both_are_part_of(make: Maker) -> None:
    compiled = make(RULES, SCHEMA, xsd=XSD)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"contact": {"a": "ab", "b": "geheim"}})
    ((pointer, path, _),) = places(caught)
    assert (pointer, path) == ("/contact", "/x:m/c[2]")


def test_place_that_no_rule_knows_keeps_its_path(make: Maker) -> None:
    compiled = make(RULES, SCHEMA, xsd=XSD)
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire("<z/>"))
    assert all(path for _, path, _ in places(caught))


CANONICAL = """
  - { const: K, wire: "@k" }
  - each: { wire: i, api: items }
    rules:
      - { const: K, wire: "@k" }
      - group: { wire: g }
        rules: [ { api: n, wire: n, as: integer } ]
      - choice: kind
        rules:
          - { when: a, api: t, wire: a }
          - { when: b, api: t, wire: b }
"""
SMALL = {**INT, "maximum": 5}
ITEM = {"oneOf": [obj(n=SMALL, kind=tag("a"), t=STR), obj(n=SMALL, kind=tag("b"), t=STR)]}


def test_canonical_fault_has_its_path_with_all_positions(make: Maker) -> None:
    compiled = make(CANONICAL, obj(items=arr(ITEM)))
    item = '<i k="K"><g><n>%s</n></g><a>1</a></i>'
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire(item % 1 + item % 7, 'k="K"'))
    assert places(caught) == [("/items/1/n", "/x:m/i[2]/g/n", "test.map.yaml:17")]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, ("", "/x:m", "test.map.yaml:1")),
        ({"items": [{"kind": "a", "t": "x"}]}, ("/items/0", "/x:m/i[1]", "test.map.yaml:13")),
        (
            {"items": [{"n": 1, "kind": "c", "t": "x"}]},
            ("/items/0/kind", "/x:m/i[1]", "test.map.yaml:18"),
        ),
        ({"items": []}, ("/items", "/x:m/i", "test.map.yaml:13")),
    ],
)
def test_canonical_fault_never_points_at_an_unrelated_node(
    make: Maker, document: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    compiled = make(CANONICAL, obj(items=arr(ITEM)))
    with pytest.raises(SchemaViolationError) as caught:
        compiled.write(document)
    assert places(caught) == [expected]


def test_fault_outside_the_map_keeps_its_pointer(make: Maker) -> None:
    compiled = make("  - { api: a, wire: a }\n", obj(a=STR))
    with pytest.raises(SchemaViolationError) as caught:
        compiled.write({"a": "1", "b": "geheim"})
    ((pointer, path, _),) = places(caught)
    assert (pointer, path) == ("/b", None)


@pytest.mark.parametrize(
    ("rules", "items", "pointer", "place"),
    [
        (
            (
                "each: { api: i }\n    choice: kind\n"
                "    rules: [{ when: a, group: { wire: a }, rules: [{ api: v, wire: v }] }]"
            ),
            [{"kind": "a", "v": "1"}, {"kind": "b", "v": "1"}],
            "/i/1/kind",
            "/x:m",
        ),
        (
            (
                'each: { api: i, wire: i }\n    choice: kind\n    on: "@k"\n'
                "    rules: [{ when: a, is: a, rules: [{ api: v, wire: v }] }]"
            ),
            [{"kind": "a", "v": "1"}, {"kind": "a"}],
            "/i/1",
            "/x:m/i[2]",
        ),
    ],
    ids=["repeated choice", "kinds"],
)
def test_an_item_of_a_wrong_kind_has_both_places(
    make: Maker, rules: str, items: list[dict[str, Any]], pointer: str, place: str
) -> None:
    compiled = make(f"  - {rules}\n", obj(i=arr({"oneOf": [obj(kind=tag("a"), v=STR)]})))
    with pytest.raises(SchemaViolationError) as caught:
        compiled.write({"i": items})
    (found,) = caught.value.places
    assert (found.pointer, found.wire, found.rule) == (pointer, place, "test.map.yaml:11")
