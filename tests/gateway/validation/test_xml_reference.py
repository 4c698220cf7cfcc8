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


def test_comments_and_instructions_are_no_content(note_folder: Path) -> None:
    reference = ReferenceSchema(open_schema_set(note_folder))
    root = etree.fromstring(b"<note xmlns='urn:note'><key>123<!-- x -->45<?p x?>678</key></note>")
    before = etree.tostring(root)
    assert reference.check(root) == ()
    assert etree.tostring(root) == before


def test_at_most_a_hundred_faults_are_listed(write_set: Callable[[dict[str, str]], Path]) -> None:
    items = '<xs:element name="b" type="xs:int" maxOccurs="unbounded"/>'
    body = f"<xs:complexType><xs:sequence>{items}</xs:sequence></xs:complexType>"
    folder = write_set({"a.xsd": f'><xs:element name="a">{body}</xs:element>'})
    root = etree.fromstring("<a>" + "<b>x</b>" * 300 + "</a>")
    assert len(ReferenceSchema(open_schema_set(folder)).check(root)) == 100


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
    with pytest.raises(ConfigurationError, match="--entry") as caught:
        ReferenceSchema(open_schema_set(folder)).check(etree.fromstring(b"<a/>"))
    (place,) = caught.value.places
    assert place.rule == "a.xsd"
    assert "missing" in place.detail


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


ELSTER = [
    ("Anmeldung/elster0810_UStA_201701_extern.xsd", ("ElsterAnmeldung", "invalid-derived"), 17, 1),
    ("Datenabholung/elster0810_datenabholung_6.xsd", ("DatenabholungV6",), 10, 10),
    ("Lohn/elster0810_elo_extern.xsd", ("ElsterLohn",), 16, 16),
    ("Datenuebermittler2015/elster0810_elo2_extern-2015.xsd", ("Datenuebermittler2015",), 4, 3),
]


@pytest.mark.standards
@pytest.mark.slow
@pytest.mark.parametrize(("entry", "folders", "number", "valid"), ELSTER)
def test_both_validators_judge_every_elster_message_alike(
    standards: Path, entry: str, folders: tuple[str, ...], number: int, valid: int
) -> None:
    files = open_schema_set(standards / "elster-v8", entry=f"xsd/{entry}")
    fast, slow = WireSchema(files, name="elster/8"), ReferenceSchema(files)
    samples = standards / "elster-v8" / "samples"
    paths = [path for folder in folders for path in sorted((samples / folder).rglob("*.xml"))]
    roots = {path.name: parse_xml(path.read_bytes(), limit=1 << 20).root for path in paths}
    judged = {name: fast.check(root) == () for name, root in roots.items()}
    assert judged == {name: slow.check(root) == () for name, root in roots.items()}
    assert (len(paths), sum(judged.values())) == (number, valid)
