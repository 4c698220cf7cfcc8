import re
from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from gateway.adapter_kit.profile import (
    generate_profiles,
    main,
    outdated_profiles,
    write_profiles,
)
from gateway.errors import ConfigurationError
from gateway.translation import load_map
from gateway.validation.catalogue import SchemaCatalogue, shipped_schemas
from gateway.validation.install import install_schemas
from gateway.validation.xml_reference import ReferenceSchema
from gateway.validation.xml_schema import WireSchema

PROJECT = Path(__file__).resolve().parents[3]
XMELD = PROJECT / "adapters" / "xmeld"
REFUSALS = sorted((XMELD / "examples").glob("answer-refused*.wire.xml"))
EXAMPLES = sorted(set((XMELD / "examples").glob("*.wire.xml")) - set(REFUSALS))
NAME = "xmeld/25.11a"
REJECTION = "xinneres-rueckweisung/6"
WIRE = "http://www.osci.de/xmeld2511a"

MAP = """\
map: {name}
version: 1
api: pets/request.schema.json
wire: {{ format: xml, schema: zoo/1, root: "{root}", namespaces: {{ z: "urn:zoo", o: "urn:o" }} }}
rules:
  - {{ api: name, wire: name{more} }}
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    """A small adapter and the canonical schema of its map, ``schemas`` beside it."""
    (tmp_path / "schemas" / "pets").mkdir(parents=True)
    (tmp_path / "schemas" / "pets" / "request.schema.json").write_text(
        '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",'
        ' "properties": {"name": {"type": "string"}}, "additionalProperties": false}'
    )
    folder = tmp_path / "zoo"
    folder.mkdir()
    (folder / "adapter.yaml").write_text("adapter: zoo\nversion: 1\nstandard: Zoo\n")
    (folder / "a.map.yaml").write_text(MAP.format(name="a", root="z:pet", more=""))
    return folder


@pytest.fixture(scope="module")
def profile() -> WireSchema:
    return SchemaCatalogue(installed=None, shipped=shipped_schemas()).wire_schema(NAME)


@pytest.fixture(scope="module")
def official(standards: Path, tmp_path_factory: pytest.TempPathFactory) -> WireSchema:
    installed = tmp_path_factory.mktemp("installed")
    install_schemas(standards / "xmeld-2511a", standard="xmeld", edition="25.11a", into=installed)
    return SchemaCatalogue(installed=installed, shipped=shipped_schemas()).wire_schema(NAME)


def parsed(path: Path) -> etree._Element:
    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True)
    return etree.fromstring(path.read_bytes(), parser)


def test_shipped_profile_is_what_the_maps_say_now() -> None:
    assert outdated_profiles([XMELD], PROJECT / "schemas") == []


def test_same_maps_give_the_same_bytes() -> None:
    first = generate_profiles(XMELD, PROJECT / "schemas")
    assert generate_profiles(XMELD, PROJECT / "schemas") == first
    assert [profile.name for profile in first] == [REJECTION, NAME]


def test_profile_says_that_it_is_not_official_and_what_to_do() -> None:
    rejection, search = (profile.text for profile in generate_profiles(XMELD, PROJECT / "schemas"))
    assert "A profile of xinneres-rueckweisung 6" in rejection
    assert "--standard xinneres-rueckweisung --edition 6" in rejection
    text = search
    assert "A profile of XMeld 25.11a" in text
    comment = re.search("<!-- (.*?) -->", text)
    assert comment is not None
    assert "generated from the maps of adapter xmeld" in comment[1]
    assert "NOT the official schema" in comment[1]
    assert "schemas install" in text
    assert "python -m gateway.adapter_kit.profile --write" in text


def test_profile_is_used_where_nothing_is_installed() -> None:
    schemas = SchemaCatalogue(installed=None, shipped=shipped_schemas())
    loaded = load_map(XMELD / "person-search.map.yaml", schemas=schemas)
    assert loaded.wire_schema_source.startswith("profile:")


def test_profile_has_one_root_a_map_and_no_mixed_content(profile: WireSchema) -> None:
    assert profile.roots == (
        f"{{{WIRE}}}datenabruf.freieSuche.antwort.1333",
        f"{{{WIRE}}}datenabruf.freieSuche.suchanfrage.1332",
        f"{{{WIRE}}}datenabruf.personensuche.antwort.1331",
        f"{{{WIRE}}}datenabruf.personensuche.suchanfrage.1330",
    )
    assert not profile.allows_mixed


@pytest.mark.slow
def test_xmlschema_takes_the_profile_and_judges_examples_alike(profile: WireSchema) -> None:
    reference = ReferenceSchema(profile.files)
    for path in EXAMPLES:
        assert reference.check(parsed(path)) == (), path.name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_valid(profile: WireSchema, path: Path) -> None:
    assert profile.check(parsed(path)) == ()


def test_messages_of_another_standard_have_a_profile_of_their_own() -> None:
    schemas = SchemaCatalogue(installed=None, shipped=shipped_schemas())
    found = schemas.wire_schema(REJECTION)
    assert found.roots == (
        "{http://www.osci.de/xinneres/rueckweisung/6}rueckweisung.asynchron.0010",
    )
    assert len(REFUSALS) >= 3
    for path in REFUSALS:
        assert found.check(parsed(path)) == (), path.name


@pytest.mark.standards
def test_real_messages_are_valid(profile: WireSchema, standards: Path) -> None:
    samples = [
        root
        for path in sorted((standards / "xmeld-2511a" / "samples" / "valid").glob("*.xml"))
        if (root := parsed(path)).tag in profile.roots
    ]
    assert len(samples) >= 7
    for root in samples:
        assert profile.check(root) == ()


MOST_OF_A_NAME = 20
Spoilt = tuple[str, etree._Element]


def spoilt_in_structure(root: etree._Element) -> Iterator[Spoilt]:
    for number, node in enumerate(list(root.iter())[1:], start=1):
        for how in ("remove", "rename", "repeat", "swap", "unknown", "attribute", "mixed", "empty"):
            copy = deepcopy(root)
            spoil(list(copy.iter())[number], how)
            yield f"{how} {etree.QName(node).localname}", copy


def spoil(node: etree._Element, how: str) -> None:
    parent, following = node.getparent(), node.getnext()
    assert parent is not None
    if how == "remove":
        parent.remove(node)
    elif how == "repeat":
        node.addnext(deepcopy(node))
    elif how == "swap" and following is not None:
        following.addnext(node)
    else:
        spoil_inside(node, how)


def spoil_inside(node: etree._Element, how: str) -> None:
    if how == "rename":
        node.tag = "renamed"
    elif how == "unknown":
        node.append(etree.Element("unknown"))
    elif how == "attribute":
        node.set("unknown", "1")
    elif how == "mixed" and len(node):
        node.text = "text"
    elif how == "empty" and not len(node):
        node.text = None


# Wire name to texts that the standard refuses there.
SPOILT_TEXTS = {
    "nachrichtenUUID": ["4711", "g0000000-0000-0000-0000-000000000000"],
    "erstellungszeitpunkt": ["2025-11-30", "2025-11-30T25:00:00"],
    "hausnummer": ["12345", "12a"],
    "hausnummerBuchstabeZusatzziffer": ["abcde", "!"],
    "postleitzahl": ["123456", "D-1"],
    "stockwerkswohnungsnummer": ["12345", "!"],
    "azrNummer": ["1", "251331000000", "25" * 7],
    "anforderungselement": ["0", "186", "01", "1a"],
    "sicherheitsbehoerde": ["ja", ""],
    "phonetik": ["false", "0"],
    "nichtVorhanden": ["false"],
    "sterbetag": ["2025-02-30", "2025-02", "2025-02-01Z"],
    "jahrMonatTag": ["2025-02-30", "2025-02-01Z"],
    "jahrMonat": ["2025-13", "2025"],
    "jahr": ["25", "2025-01"],
    "grundDerRueckweisung": ["00", "25"],
    "ergebnisstatus": ["05", "1"],
    "passart": ["16"],
    "zeilennummer": ["0", "9"],
    "inhalt": ["x" * 36],
    "kennung": ["\u6f22", "x\u0306"],
    "strasse": ["\u0394", "\u2030"],
    "behoerdenname": ["\u0416"],
}


def spoilt_in_text(root: etree._Element) -> Iterator[Spoilt]:
    seen: Counter[str] = Counter()
    for number, node in enumerate(root.iter()):
        parent = node.getparent()
        name = etree.QName(node).localname
        if name == "code" and parent is not None:
            name = etree.QName(parent).localname
        seen[name] += 1
        if seen[name] > MOST_OF_A_NAME:
            continue
        for text in SPOILT_TEXTS.get(name, ()) if not len(node) else ():
            copy = deepcopy(root)
            list(copy.iter())[number].text = text
            yield f"text of {name}", copy
        for key in node.keys():  # noqa: SIM118 - an element's keys are its attributes
            if "XMLSchema-instance" in key or (key == "produktversion"):
                continue
            copy = deepcopy(root)
            list(copy.iter())[number].set(key, "\u6f22")
            yield f"value of @{key}", copy


@pytest.mark.standards
@pytest.mark.parametrize(
    "name",
    [
        "search-small",
        "search-by-reference",
        "search-by-stage-name",
        "answer-hit",
        "answer-rejected",
        "answer-no-hit",
    ],
)
def test_what_the_official_schema_refuses_the_profile_refuses(
    profile: WireSchema, official: WireSchema, name: str
) -> None:
    root = parsed(XMELD / "examples" / f"{name}.wire.xml")
    refused, let_through = judged(
        [*spoilt_in_structure(root), *spoilt_in_text(root)], official, profile
    )
    assert let_through == []
    assert refused >= 100


@pytest.mark.standards
@pytest.mark.parametrize("name", ["search-full", "answer-several-hits"])
def test_texts_that_the_official_schema_refuses_the_profile_refuses(
    profile: WireSchema, official: WireSchema, name: str
) -> None:
    root = parsed(XMELD / "examples" / f"{name}.wire.xml")
    refused, let_through = judged(spoilt_in_text(root), official, profile)
    assert let_through == []
    assert refused >= 50


def judged(
    variants: Iterable[Spoilt], official: WireSchema, profile: WireSchema
) -> tuple[int, list[str]]:
    """How many the official schema refuses, and which of those the profile takes."""
    refused = [(what, message) for what, message in variants if official.check(message)]
    return len(refused), [what for what, message in refused if not profile.check(message)]


def test_profile_of_a_small_adapter_is_written_once(zoo: Path) -> None:
    schemas = zoo.parent / "schemas"
    expected = schemas / "wire" / "zoo" / "1.xsd"
    assert outdated_profiles([zoo], schemas) == [expected]
    assert write_profiles([zoo], schemas) == [expected]
    assert outdated_profiles([zoo], schemas) == []
    assert write_profiles([zoo], schemas) == []
    assert "the characters of texts" in expected.read_text()
    schema = WireSchema.from_file(expected, name="zoo/1")
    assert schema.check(etree.fromstring('<z:pet xmlns:z="urn:zoo"><name>x</name></z:pet>')) == ()


def test_roots_without_a_namespace_are_possible(zoo: Path) -> None:
    (zoo / "a.map.yaml").write_text(MAP.format(name="a", root="pet", more=""))
    (path,) = write_profiles([zoo], zoo.parent / "schemas")
    schema = WireSchema.from_file(path, name="zoo/1")
    assert schema.check(etree.fromstring("<pet><name>x</name></pet>")) == ()
    assert schema.check(etree.fromstring("<pet/>"))


def test_two_maps_may_share_a_root_of_the_same_form_only(zoo: Path) -> None:
    schemas = zoo.parent / "schemas"
    (zoo / "b.map.yaml").write_text(MAP.format(name="b", root="z:pet", more=""))
    assert len(generate_profiles(zoo, schemas)) == 1
    (zoo / "b.map.yaml").write_text(MAP.format(name="b", root="z:pet", more=", optional: true"))
    with pytest.raises(ConfigurationError) as caught:
        generate_profiles(zoo, schemas)
    assert [place.keyword for place in caught.value.places] == ["profile"]


def test_roots_of_two_namespaces_are_refused(zoo: Path) -> None:
    (zoo / "b.map.yaml").write_text(MAP.format(name="b", root="o:pet", more=""))
    with pytest.raises(ConfigurationError, match="several namespaces"):
        generate_profiles(zoo, zoo.parent / "schemas")


def test_facets_that_fit_no_place_are_faults(zoo: Path) -> None:
    (zoo / "facets.yaml").write_text("facets: { nmae: { maxLength: 3 } }\n")
    with pytest.raises(ConfigurationError) as caught:
        generate_profiles(zoo, zoo.parent / "schemas")
    assert [place.rule for place in caught.value.places] == ["facets.yaml:1"]


def test_command_line_checks_writes_and_lists_faults(
    zoo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = [str(zoo), "--schemas", str(zoo.parent / "schemas")]
    assert main(["--check", *call]) == 1
    assert main(["--write", *call]) == 0
    assert main(["--check", *call]) == 0
    (zoo / "facets.yaml").write_text("facets: { name: { longest: 3 } }\n")
    assert main(["--check", *call]) == 78
    said = capsys.readouterr().out
    assert "outdated" in said
    assert "written" in said
    assert "`name` has no facet `longest`" in said


def test_command_line_checks_installed_adapters_by_default() -> None:
    assert main(["--check"]) == 0
