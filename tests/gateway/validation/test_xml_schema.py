"""Tests of ``gateway.validation.xml_schema``."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import ConfigurationError
from gateway.validation.schema_set import open_schema_set
from gateway.validation.xml_document import parse_xml
from gateway.validation.xml_schema import WireSchema

XMELD = {"x": "http://www.osci.de/xmeld2511a"}


@pytest.fixture(scope="module")
def xmeld(standards: Path) -> WireSchema:
    return WireSchema(open_schema_set(standards / "xmeld-2511a"), name="xmeld/25.11a")


def test_element_and_tree_are_taken(note_schema: WireSchema) -> None:
    root = etree.fromstring(b"<note xmlns='urn:note'><key>12345678</key></note>")
    assert note_schema.check(root) == ()
    assert note_schema.check(root.getroottree()) == ()


def test_faults_of_a_tree_are_placed(note_schema: WireSchema) -> None:
    tree = etree.fromstring(b"<n:note xmlns:n='urn:note'><n:key>1</n:key></n:note>").getroottree()
    assert [place.wire for place in note_schema.check(tree)] == ["/n:note/n:key"]


def test_root_elements_are_known(note_schema: WireSchema) -> None:
    assert note_schema.roots == ("{urn:note}note",)


def test_mixed_content_is_told(note_schema: WireSchema) -> None:
    assert note_schema.allows_mixed


def test_threads_do_not_mix_their_faults(note_schema: WireSchema) -> None:
    def check(number: int) -> bool:
        content = f"<n:key>{'1' * number}</n:key>" if number else ""
        root = etree.fromstring(f"<n:note xmlns:n='urn:note'>{content}</n:note>".encode())
        places = note_schema.check(root)
        found = [place.detail.rpartition("of ")[2].split()[0] for place in places]
        return found == ([str(number)] if number else [])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(check, [0, 1, 2, 3, 4] * 40))


def test_missing_file_is_a_configuration_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        WireSchema.from_file(tmp_path / "none.xsd", name="none/1")


@pytest.mark.standards
def test_real_messages_are_valid(xmeld: WireSchema, standards: Path) -> None:
    samples = sorted((standards / "xmeld-2511a" / "samples" / "valid").glob("*.xml"))
    assert samples
    for path in samples:
        assert xmeld.check(parse_xml(path.read_bytes(), limit=1 << 20).root) == ()


@pytest.mark.standards
@pytest.mark.parametrize(
    ("name", "keyword", "wire"),
    [
        (
            "our-test.xml",
            "unknown-element",
            "/x:datenabruf.freieSuche.suchanfrage.1332/x:suchprofil/x:auswahldaten/x:wohnung",
        ),
        (
            "test-barbara-fischer-wohnung.xml",
            "unknown-element",
            (
                "/x:datenabruf.freieSuche.suchanfrage.1332/x:suchprofil/x:auswahldaten/x:wohnung"
                "/x:anschrift/x:anschrift.inland/hausnummerOderHausnummernbereich"
            ),
        ),
        (
            "test-case-no-wohnung.xml",
            "missing-attribute",
            "/x:datenabruf.freieSuche.suchanfrage.1332/@produkt",
        ),
        ("test-payload-1332.xml", "unknown-root", "/x:meldeauskunft.anfrage.1332"),
    ],
)
def test_faulty_real_message_is_refused_with_its_place(
    xmeld: WireSchema, standards: Path, name: str, keyword: str, wire: str
) -> None:
    data = (standards / "xmeld-2511a" / "samples" / "invalid" / name).read_bytes()
    places = xmeld.check(parse_xml(data, limit=1 << 20).root, namespaces=XMELD)
    assert (places[0].keyword, places[0].wire) == (keyword, wire)
