"""Tests of ``gateway.validation.thorough_schema``, and of every official set by its engine."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import ConfigurationError
from gateway.validation.catalogue import SchemaCatalogue
from gateway.validation.install import install_schemas
from gateway.validation.manifest import XsdVersion
from gateway.validation.schema_compiler import compile_schema_set
from gateway.validation.schema_set import open_schema_set
from gateway.validation.thorough_schema import MOST_PREFIXES, ThoroughSchema

ASSERTED = (
    '><xs:element name="a"><xs:complexType><xs:attribute name="x" type="xs:int"/>'
    '<xs:assert test="@x = 1"/></xs:complexType></xs:element>'
)
OPEN = (
    'targetNamespace="urn:a"><xs:element name="a"><xs:complexType><xs:sequence>'
    '<xs:any namespace="##other"/></xs:sequence></xs:complexType></xs:element>'
)
INSTALLED: list[tuple[str, str | None, XsdVersion]] = [
    ("xmeld-2511a", None, "1.0"),
    ("xbau-2.1", None, "1.0"),
    ("xta-211", None, "1.0"),
    ("din-91379", None, "1.0"),
    ("elster-v8", "xsd/Anmeldung/elster0810_UStA_201701_extern.xsd", "1.0"),
    ("osci-transport-1.2", "schema/soapStoreDelivery.xsd", "1.1"),
    ("xroad-soap", "xsd/op-monitoring.xsd", "1.0"),
]
# Set, version of XML Schema, number of files that no other refers to, those of them refused.
ENTRIES: list[tuple[str, XsdVersion, int, set[str]]] = [
    ("elster-v8", "1.0", 22, set()),
    ("osci-transport-1.2", "1.1", 27, set()),
    ("xroad-soap", "1.0", 24, {"xsd/security-token.xsd"}),
]


def test_rules_of_xsd_1_1_are_checked_without_values(
    write_set: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    source = write_set({"a.xsd": ASSERTED})
    install_schemas(source, standard="a", edition="1", into=tmp_path / "in", xsd="1.1")
    schema = SchemaCatalogue(installed=tmp_path / "in", shipped=tmp_path).wire_schema("a/1")
    assert schema.check(etree.fromstring(b"<a x='1'/>")) == ()
    (place,) = schema.check(etree.fromstring(b"<a x='7777'/>"))
    assert (place.wire, "7777" in place.detail) == ("/a", False)


def test_set_that_is_none_is_refused(write_set: Callable[[dict[str, str]], Path]) -> None:
    files = open_schema_set(write_set({"a.xsd": '><xs:element name="a" type="missing"/>'}))
    with pytest.raises(ConfigurationError):
        ThoroughSchema(files, name="a/1").build()


def test_editions_of_one_folder_stand_side_by_side(
    write_set: Callable[[dict[str, str]], Path], tmp_path: Path
) -> None:
    years = {
        f"{year}.xsd": f'><xs:element name="a" type="xs:{kind}"/>'
        for year, kind in (("2016", "int"), ("2017", "date"))
    }
    source, into = write_set(years), tmp_path / "in"
    for year in ("2016", "2017"):
        install_schemas(source, standard="a", edition=year, into=into, entry=f"{year}.xsd")
    catalogue = SchemaCatalogue(installed=into, shipped=tmp_path)
    message = etree.fromstring(b"<a>1</a>")
    assert catalogue.wire_schema("a/2016").check(message) == ()
    assert catalogue.wire_schema("a/2017").check(message)


@pytest.mark.parametrize("xsd", ["1.0", "1.1"])
def test_a_message_brings_no_schema_of_its_own(
    write_set: Callable[[dict[str, str]], Path], tmp_path: Path, xsd: XsdVersion
) -> None:
    # With b.xsd the content of the strict wildcard would be valid; the message points there.
    source = write_set({"a.xsd": OPEN})
    theirs = tmp_path / "b.xsd"
    theirs.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:b">'
        '<xs:element name="b" type="xs:int"/></xs:schema>'
    )
    install_schemas(source, standard="a", edition="1", into=tmp_path / "in", xsd=xsd)
    schema = SchemaCatalogue(installed=tmp_path / "in", shipped=tmp_path).wire_schema("a/1")
    message = etree.fromstring(
        '<a xmlns="urn:a" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="urn:b {theirs.as_uri()}"><b xmlns="urn:b">1</b></a>'
    )
    assert schema.check(message)


def test_namespaces_without_end_are_refused_before_the_slow_check(
    write_set: Callable[[dict[str, str]], Path],
) -> None:
    files = open_schema_set(write_set({"a.xsd": '><xs:element name="a"/>'}))
    schema = ThoroughSchema(files, name="a/1")

    def nested(levels: int, *, prefixes: int) -> etree._Element:
        scopes = (
            "<a " + " ".join(f'xmlns:p{n}_{i}="urn:{n}"' for i in range(prefixes)) + ">"
            for n in range(levels)
        )
        return etree.fromstring("".join(scopes) + "</a>" * levels)

    (place,) = schema.check(nested(200, prefixes=100))
    assert (place.keyword, place.wire) == ("limit", "/*")
    assert schema.check(nested(10, prefixes=MOST_PREFIXES // 10)) == ()
    # One after the other they are no harm.
    siblings = "<b xmlns:p='urn:b'/>" * (MOST_PREFIXES + 1)
    assert schema.check(etree.fromstring(f"<a>{siblings}</a>")) == ()


@pytest.mark.standards
@pytest.mark.parametrize(("name", "entry", "xsd"), INSTALLED)
def test_every_official_set_is_installed_and_compiles(
    standards: Path, tmp_path: Path, name: str, entry: str | None, xsd: XsdVersion
) -> None:
    install_schemas(
        standards / name, standard="official", edition="1", into=tmp_path, entry=entry, xsd=xsd
    )
    schema = SchemaCatalogue(installed=tmp_path, shipped=tmp_path).wire_schema("official/1")
    assert isinstance(schema, ThoroughSchema) is (xsd == "1.1")
    assert schema.check(etree.fromstring(b"<unknown/>"))


@pytest.mark.standards
@pytest.mark.slow
@pytest.mark.parametrize(("name", "xsd", "number", "refused"), ENTRIES)
def test_every_entry_of_an_official_set_compiles(
    standards: Path, name: str, xsd: XsdVersion, number: int, refused: set[str]
) -> None:
    entries = entries_of(standards / name)
    assert len(entries) == number
    assert {entry for entry in entries if not compiles(standards / name, entry, xsd)} == refused


def entries_of(folder: Path) -> list[str]:
    """The files of a folder that no other refers to."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.xsd")}
    sets = {name: open_schema_set(folder, entry=name) for name in names}
    referred = {
        reference.target
        for name, files in sets.items()
        for reference in files.files[name].references
    }
    return sorted(names - referred)


def compiles(folder: Path, entry: str, xsd: XsdVersion) -> bool:
    files = open_schema_set(folder, entry=entry)
    try:
        if xsd == "1.1":
            ThoroughSchema(files, name=entry).build()
        else:
            compile_schema_set(files)
    except ConfigurationError:
        return False
    return True


@pytest.mark.standards
def test_osci_is_no_xsd_1_0(standards: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"1\.0"):
        install_schemas(
            standards / "osci-transport-1.2",
            standard="osci",
            edition="1.2",
            into=tmp_path,
            entry="schema/soapAcceptDelivery.xsd",
        )


@pytest.mark.standards
def test_osci_messages_redefine_one_envelope_so_the_folder_is_no_set(standards: Path) -> None:
    files = open_schema_set(standards / "osci-transport-1.2")
    with pytest.raises(ConfigurationError):
        ThoroughSchema(files, name="osci/1.2").build()
