"""Tests of ``gateway.validation.xml_reference``."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import ConfigurationError
from gateway.validation.schema_set import open_schema_set
from gateway.validation.xml_document import parse_xml
from gateway.validation.xml_reference import ReferenceSchema
from gateway.validation.xml_schema import WireSchema


def test_fault_is_placed_without_its_value(note_folder: Path) -> None:
    reference = ReferenceSchema(open_schema_set(note_folder))
    root = etree.fromstring(b"<n:note xmlns:n='urn:note'><n:key>SECRET</n:key></n:note>")
    (place,) = reference.check(root, namespaces={"x": "urn:note"})
    assert (place.wire, place.keyword) == ("/x:note/x:key", "reference")
    assert "SECRET" not in str(place)


def test_valid_message_has_no_fault(note_folder: Path) -> None:
    reference = ReferenceSchema(open_schema_set(note_folder))
    assert reference.check(etree.fromstring(b"<note xmlns='urn:note'/>")) == ()


def test_several_entries_are_read_together(write_set: Callable[[dict[str, str]], Path]) -> None:
    folder = write_set(
        {
            "a.xsd": 'targetNamespace="urn:a"><xs:element name="a" type="xs:int"/>',
            "b.xsd": 'targetNamespace="urn:a"><xs:element name="b" type="xs:int"/>',
        }
    )
    reference = ReferenceSchema(open_schema_set(folder))
    assert reference.check(etree.fromstring(b"<a xmlns='urn:a'>1</a>")) == ()
    assert reference.check(etree.fromstring(b"<b xmlns='urn:a'>1</b>")) == ()


def test_schema_that_is_none_is_a_configuration_fault(
    write_set: Callable[[dict[str, str]], Path],
) -> None:
    folder = write_set({"a.xsd": '><xs:element name="a" type="missing"/>'})
    with pytest.raises(ConfigurationError):
        ReferenceSchema(open_schema_set(folder)).check(etree.fromstring(b"<a/>"))


@pytest.mark.standards
@pytest.mark.slow
def test_both_validators_judge_every_real_message_alike(standards: Path) -> None:
    files = open_schema_set(standards / "xmeld-2511a")
    fast, slow = WireSchema(files, name="xmeld/25.11a"), ReferenceSchema(files)
    for path in sorted((standards / "xmeld-2511a" / "samples").rglob("*.xml")):
        root = parse_xml(path.read_bytes(), limit=1 << 20).root
        valid = path.parent.name == "valid"
        assert (fast.check(root) == ()) is valid, path.name
        assert (slow.check(root) == ()) is valid, path.name
