"""Every leaf path of a wire schema."""

from pathlib import Path

import pytest

from gateway.adapter_kit.wire_leaves import WireLeaf, wire_leaves
from gateway.errors import ConfigurationError
from tests.gateway.translation.making import BOOL, Maker, catalogue, obj

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t"
 targetNamespace="urn:t"><xs:element name="m" type="t:m"/>
<xs:complexType name="m"><xs:sequence>
 <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string" minOccurs="0"/>
 <xs:choice><xs:element name="c" type="xs:string"/>
  <xs:element name="d"><xs:complexType/></xs:element>
 </xs:choice><xs:element name="again" type="t:m" minOccurs="0" maxOccurs="unbounded"/>
 <xs:any minOccurs="0" namespace="##other"/></xs:sequence>
 <xs:attribute name="n" use="required"/><xs:attribute name="o"/></xs:complexType></xs:schema>"""
RULES = '  - { drop: "not needed", wire: "@o" }\n'


def test_attributes_texts_branches_and_wildcards_count_and_recursion_ends(tmp_path: Path) -> None:
    path = Maker(tmp_path).write(RULES, obj("x", x=BOOL), xsd=XSD)
    leaves = wire_leaves(Maker(tmp_path).load(path), catalogue(path.parent.parent))
    assert [(leaf.path.removeprefix("/x:m"), leaf.required) for leaf in leaves] == [
        ("/@n", True),
        ("/@o", False),
        ("/a", True),
        ("/b", False),
        ("/c", False),
        ("/d", False),
        ("/again/@n", True),
        ("/again/@o", False),
        ("/*", False),
    ]
    assert leaves[0] == WireLeaf(path="/x:m/@n", needed=(True, True))
    assert next(leaf for leaf in leaves if leaf.path == "/x:m/again/@n").needed == (
        True,
        False,
        True,
    )


def test_a_root_that_the_schema_does_not_have_is_refused(tmp_path: Path) -> None:
    path = Maker(tmp_path).write(RULES, obj("x", x=BOOL), xsd=XSD, root="z")
    with pytest.raises(ConfigurationError, match="no root element for test"):
        wire_leaves(Maker(tmp_path).load(path), catalogue(path.parent.parent))
