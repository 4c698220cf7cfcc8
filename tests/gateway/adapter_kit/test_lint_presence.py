"""What must be there on one side and need not on the other."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from gateway.adapter_kit.coverage import cover_messages
from gateway.adapter_kit.lint_presence import presence_findings
from gateway.registry import Adapter
from tests.gateway.translation.making import STR, Maker, catalogue, obj, tag

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<xs:element name="m"><xs:complexType><xs:sequence>
 <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string" minOccurs="0"/>
 <xs:element name="c" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="d" type="xs:string"/><xs:element name="e" type="xs:string"/>
 </xs:sequence></xs:complexType></xs:element>
 <xs:element name="f"><xs:complexType><xs:sequence>
  <xs:element name="d" type="xs:string" minOccurs="0"/>
  <xs:element name="e" type="xs:string" minOccurs="0"/>
 </xs:sequence></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
ONE = obj(one=STR)
A = "  - { api: one, wire: a }\n"


def found(tmp_path: Path, rules: str, schema: Mapping[str, Any] = ONE) -> list[tuple[str, ...]]:
    make = Maker(tmp_path)
    path = make.write(rules, schema, xsd=XSD)
    translation = make.load(path)
    adapter = Adapter(
        name="test",
        version=1,
        standard="Test",
        edition="1",
        path=path.parent,
        transports=(),
        exchanges=MappingProxyType({}),
        maps={"test": translation},
    )
    (covered,) = cover_messages(adapter, catalogue(path.parent.parent))
    return [
        (finding.severity, finding.rule, finding.wire or "")
        for finding in presence_findings(translation, covered)
    ]


@pytest.mark.parametrize(
    ("rule", "severity", "name"),
    [
        ('{ drop: "why", wire: f }', "error", "required-dropped"),
        ('{ unsupported: "why", wire: f }', "error", "required-unsupported"),
        ('{ keep: "why", wire: f }', "warning", "required-not-written"),
    ],
)
def test_a_required_subtree_is_found_once(
    tmp_path: Path, rule: str, severity: str, name: str
) -> None:
    assert found(tmp_path, f"{A}  - {rule}\n") == [(severity, name, "/x:m/f")]


def test_a_dropped_optional_subtree_is_counted_though_its_inside_is_required(
    tmp_path: Path,
) -> None:
    assert found(tmp_path, A + '  - { drop: "why", wire: c }\n') == [("note", "one-way", "/x:m/c")]


def test_what_travels_one_way_is_counted(tmp_path: Path) -> None:
    rule = '  - { api: two, wire: b, optional: true, only: read, reason: "why" }\n'
    schema = obj("two", one=STR, two=STR)
    assert found(tmp_path, A + rule, schema) == [("note", "one-way", "/x:m/b")]


@pytest.mark.parametrize(("write", "count"), [("", 1), (", write: always", 0)])
def test_a_constant_that_the_schema_does_not_require_says_whether_it_is_written(
    tmp_path: Path, write: str, count: int
) -> None:
    expected = [("warning", "const-optional", "/x:m/b")] * count
    assert found(tmp_path, f"{A}  - {{ const: k, wire: b{write} }}\n") == expected


def test_a_required_field_below_an_optional_group_is_found(tmp_path: Path) -> None:
    group = """  - group: { wire: c, optional: true }
    rules:
      - { api: two, wire: d }
      - { api: three, wire: e, optional: true }
"""
    schema = obj("three", one=STR, two=STR, three=STR)
    assert found(tmp_path, A + group, schema) == [("warning", "optional-required", "/x:m/c/d")]


def test_a_required_field_goes_with_an_object_that_is_absent_itself(tmp_path: Path) -> None:
    group = """  - group: { wire: c, api: box, optional: true }
    rules:
      - { api: two, wire: d }
      - { api: three, wire: e }
"""
    schema = obj("box", one=STR, box=obj(two=STR, three=STR))
    assert found(tmp_path, A + group, schema) == []


def test_an_optional_node_of_a_required_field_is_found_unless_it_has_a_default(
    tmp_path: Path,
) -> None:
    schema = obj(one=STR, two=STR)
    optional = "  - { api: two, wire: b, optional: true }\n"
    assert found(tmp_path, A + optional, schema) == [("warning", "optional-required", "/x:m/b")]
    assert found(tmp_path, A + "  - { api: two, wire: b, default: x }\n", schema) == []


def test_a_required_field_goes_with_the_objects_on_the_way_to_it(tmp_path: Path) -> None:
    rule = "  - { api: box.two, wire: b, optional: true }\n"
    absent = obj("box", one=STR, box=obj(two=STR))
    assert found(tmp_path, A + rule, absent) == []
    needed = obj(one=STR, box=obj(two=STR))
    assert found(tmp_path, A + rule, needed) == [("warning", "optional-required", "/x:m/b")]


def test_kinds_and_repeated_choices_are_looked_into(tmp_path: Path) -> None:
    rules = """  - group: { wire: f, api: party }
    choice: kind
    on: "@k"
    rules:
      - { when: one, is: "1", rules: [ { api: text, wire: d, optional: true } ] }
"""
    schema = obj(one=STR, party={"oneOf": [obj(kind=tag("one"), text=STR)]})
    assert found(tmp_path, A + rules, schema) == [("warning", "optional-required", "/x:m/f/d")]
