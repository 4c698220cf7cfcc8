"""Tests of ``gateway.validation.xml_identifiers``."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from gateway.validation.schema_set import SchemaSet, open_schema_set
from gateway.validation.xml_identifiers import IdentifierCheck
from gateway.validation.xml_reference import ReferenceSchema
from gateway.validation.xml_schema import WireSchema

PARTS = """targetNamespace="urn:a" xmlns:a="urn:a" elementFormDefault="qualified">
<xs:simpleType name="key"><xs:restriction base="xs:ID"><xs:maxLength value="9"/></xs:restriction>
</xs:simpleType>
<xs:simpleType name="shortKey"><xs:restriction base="a:key"><xs:maxLength value="3"/>
</xs:restriction></xs:simpleType>
<xs:element name="all"><xs:complexType><xs:sequence>
  <xs:element name="part" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
    <xs:attribute name="key" type="a:shortKey"/>
    <xs:attribute name="next" type="xs:IDREF"/>
    <xs:attribute name="others"><xs:simpleType><xs:restriction base="xs:IDREFS"/></xs:simpleType>
    </xs:attribute></xs:complexType></xs:element>
  <xs:element name="id" type="xs:ID" minOccurs="0" maxOccurs="unbounded"/>
  <xs:element name="other" minOccurs="0"><xs:complexType>
    <xs:attribute name="mixed" type="xs:ID"/></xs:complexType></xs:element>
  <xs:element name="ref" type="xs:IDREF" minOccurs="0"/>
  <xs:any namespace="##other" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence><xs:attribute name="mixed" type="xs:string"/></xs:complexType></xs:element>"""


@pytest.fixture
def files(write_set: Callable[[dict[str, str]], Path]) -> SchemaSet:
    return open_schema_set(write_set({"a.xsd": PARTS}))


def message(content: str) -> etree._Element:
    return etree.fromstring(f'<all xmlns="urn:a">{content}</all>')


def test_names_are_found_through_derived_types(files: SchemaSet) -> None:
    assert IdentifierCheck(files).names == {
        ("@", "key"): "ID",
        ("@", "next"): "IDREF",
        ("@", "others"): "IDREFS",
        ("", "id"): "ID",
        ("", "ref"): "IDREF",
    }


@pytest.mark.parametrize(
    "content",
    [
        "",
        '<part key="a" next="b"/><part key="b" others=" a  b "/>',
        "<id>a</id><id> b </id><ref>b</ref>",
        '<part next="a"/><id>a</id>',
        '<id>a</id><b xmlns="urn:b" key="a" next="c"><id>a</id></b>',
    ],
)
def test_message_whose_references_lead_somewhere_is_valid(files: SchemaSet, content: str) -> None:
    root = message(content)
    assert WireSchema(files, name="a/1").check(root) == ()
    assert ReferenceSchema(files).check(root) == ()


@pytest.mark.parametrize(
    ("content", "wire", "word"),
    [
        ('<part key="abc"/><id>abc</id>', "/x:all/x:id", "twice"),
        ('<part key="a" next="abc"/>', "/x:all/x:part/@next", "not there"),
        ('<part key="a" others="a abc"/>', "/x:all/x:part/@others", "not there"),
        ("<id>a</id><ref>abc</ref>", "/x:all/x:ref", "not there"),
    ],
)
def test_repeated_identifier_and_lost_reference_are_placed(
    files: SchemaSet, content: str, wire: str, word: str
) -> None:
    root = message(content)
    (place,) = WireSchema(files, name="a/1").check(root, namespaces={"x": "urn:a"})
    assert (place.keyword, place.wire) == ("identifier", wire)
    assert word in place.detail
    assert "abc" not in place.detail
    assert ReferenceSchema(files).check(root)


@pytest.mark.parametrize("blank", ["", " ", "\n", "\t"])
def test_bytes_that_hold_a_name_are_looked_into(files: SchemaSet, blank: str) -> None:
    check = IdentifierCheck(files)
    data = f'<all xmlns="urn:a"><id{blank}>abc</id><ref>no</ref><id/></all>'.encode()
    assert len(check.check(etree.fromstring(data), namespaces={}, data=data)) == 1
    data = f'<all xmlns="urn:a"><part next{blank}="no"/></all>'.encode()
    assert len(check.check(etree.fromstring(data), namespaces={}, data=data)) == 1
    assert check.check(etree.fromstring(data), namespaces={}, data=b"<all/>") == ()


def test_repeated_attribute_is_found_by_libxml2_already(files: SchemaSet) -> None:
    root = message('<part key="abc"/><part key="abc"/>')
    (ours,) = IdentifierCheck(files).check(root, namespaces={"x": "urn:a"})
    (place,) = WireSchema(files, name="a/1").check(root, namespaces={"x": "urn:a"})
    assert (place.keyword, place.wire, ours.wire) == ("type", *["/x:all/x:part[2]/@key"] * 2)


def test_at_most_a_hundred_are_listed(files: SchemaSet) -> None:
    places = IdentifierCheck(files).check(message("<id>a</id>" * 200), namespaces={})
    assert len(places) == 101
    assert places[-1].keyword == "more"


def test_set_without_identifiers_has_none(note_folder: Path) -> None:
    check = IdentifierCheck(open_schema_set(note_folder))
    assert check.names == {}
    assert check.check(etree.fromstring("<a id='1'><b id='1'/></a>"), namespaces={}) == ()


@pytest.mark.standards
@pytest.mark.parametrize(
    ("name", "entry", "names"),
    [
        ("xmeld-2511a", None, {"id"}),
        ("xbau-2.1", None, {"id"}),
        ("xta-211", None, {"Id", "validateResultRef", "payloadRef", "MsgItemRef"}),
        ("din-91379", None, set()),
        ("elster-v8", "xsd/Lohn/elster0810_elo_extern.xsd", set()),
        ("xroad-soap", "xsd/hashchain.xsd", {"id", "Id"}),
    ],
)
def test_official_sets_declare_identifiers(
    standards: Path, name: str, entry: str | None, names: set[str]
) -> None:
    check = IdentifierCheck(open_schema_set(standards / name, entry=entry))
    assert {local for _, local in check.names} == names


@pytest.mark.standards
def test_repeated_identifier_of_an_official_signature_is_a_fault(standards: Path) -> None:
    files = open_schema_set(standards / "xroad-soap", entry="xsd/xmldsig-core-schema.xsd")
    fast, slow = WireSchema(files, name="xmldsig/1"), ReferenceSchema(files)
    for second, faults in (("b", 0), ("a", 1)):
        root = etree.fromstring(
            '<Manifest xmlns="http://www.w3.org/2000/09/xmldsig#" Id="a">'
            f'<Reference Id="{second}"><DigestMethod Algorithm="urn:x"/>'
            "<DigestValue>AAAA</DigestValue></Reference></Manifest>"
        )
        assert len(fast.check(root)) == faults
        assert bool(slow.check(root)) is bool(faults)
