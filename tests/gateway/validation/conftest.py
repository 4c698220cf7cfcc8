"""A small wire schema of our own that has one of every rule."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.validation.xml_schema import WireSchema

NOTE_XSD = r"""<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:note"
           targetNamespace="urn:note" elementFormDefault="qualified">
  <xs:include schemaLocation="types.xsd"/>
  <xs:element name="note">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="key" type="key" minOccurs="0" maxOccurs="3"/>
        <xs:element name="colour" type="colour" minOccurs="0"/>
        <xs:element name="short" type="short" minOccurs="0"/>
        <xs:element name="pair" type="pair" minOccurs="0"/>
        <xs:element name="amount" type="amount" minOccurs="0"/>
        <xs:element name="grade" type="grade" minOccurs="0"/>
        <xs:element name="count" type="xs:int" minOccurs="0"/>
        <xs:element name="dateOrYear" type="dateOrYear" minOccurs="0"/>
        <xs:element name="numbers" type="numbers" minOccurs="0"/>
        <xs:element name="kind" type="xs:string" fixed="N" minOccurs="0"/>
        <xs:element name="choice" minOccurs="0">
          <xs:complexType>
            <xs:choice><xs:element name="x"/><xs:element name="y"/></xs:choice>
          </xs:complexType>
        </xs:element>
        <xs:element name="group" minOccurs="0">
          <xs:complexType>
            <xs:sequence><xs:element name="x"/><xs:element name="y"/></xs:sequence>
            <xs:attribute name="code" type="key"/>
            <xs:attribute name="list" fixed="1"/>
            <xs:attribute name="needed" use="required"/>
          </xs:complexType>
        </xs:element>
        <xs:element name="empty" minOccurs="0"><xs:complexType/></xs:element>
        <xs:element name="maybe" type="key" nillable="true" minOccurs="0"/>
        <xs:element name="shape" type="shape" minOccurs="0"/>
        <xs:element name="unique" minOccurs="0">
          <xs:complexType>
            <xs:sequence>
              <xs:element name="item" type="xs:string" maxOccurs="9"/>
            </xs:sequence>
          </xs:complexType>
          <xs:unique name="each"><xs:selector xpath="*"/><xs:field xpath="."/></xs:unique>
        </xs:element>
        <xs:any namespace="##other" processContents="strict" minOccurs="0"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
  <xs:complexType name="shape" abstract="true"><xs:sequence/></xs:complexType>
</xs:schema>
"""

TYPES_XSD = r"""<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:note"
           targetNamespace="urn:note">
  <xs:simpleType name="key">
    <xs:restriction base="xs:string"><xs:pattern value="\d{8}"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="colour">
    <xs:restriction base="xs:token">
      <xs:enumeration value="red"/><xs:enumeration value="green"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="short">
    <xs:restriction base="xs:string">
      <xs:minLength value="2"/><xs:maxLength value="4"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="pair">
    <xs:restriction base="xs:string"><xs:length value="2"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="amount">
    <xs:restriction base="xs:decimal">
      <xs:minInclusive value="2"/><xs:maxExclusive value="900"/>
      <xs:totalDigits value="3"/><xs:fractionDigits value="1"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="grade">
    <xs:restriction base="xs:int">
      <xs:minExclusive value="2"/><xs:maxInclusive value="9"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="dateOrYear"><xs:union memberTypes="xs:date xs:gYear"/></xs:simpleType>
  <xs:simpleType name="numbers"><xs:list itemType="xs:int"/></xs:simpleType>
</xs:schema>
"""


@pytest.fixture(scope="session")
def note_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a complete set of two files."""
    folder = tmp_path_factory.mktemp("note")
    (folder / "note.xsd").write_text(NOTE_XSD, encoding="utf-8")
    (folder / "types.xsd").write_text(TYPES_XSD, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def note_schema(note_folder: Path) -> WireSchema:
    return WireSchema.from_file(note_folder / "note.xsd", name="note/1")


@pytest.fixture
def write_set(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Write a schema set: path to the content of ``xs:schema``, attributes before ``>``."""

    def write(files: dict[str, str]) -> Path:
        folder = tmp_path / "set"
        for name, body in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith(".xsd"):
                body = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" {body}</xs:schema>'  # noqa: PLW2901 - wrapped
            path.write_text(body, encoding="utf-8")
        return folder

    return write
