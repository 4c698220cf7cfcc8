"""Tests of ``gateway.validation.thorough_schema``, and of every official set by its engine."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import ConfigurationError
from gateway.validation.catalogue import SchemaCatalogue
from gateway.validation.install import install_schemas
from gateway.validation.manifest import XsdVersion
from gateway.validation.schema_set import open_schema_set
from gateway.validation.thorough_schema import ThoroughSchema

ASSERTED = (
    '><xs:element name="a"><xs:complexType><xs:attribute name="x" type="xs:int"/>'
    '<xs:assert test="@x = 1"/></xs:complexType></xs:element>'
)
WHOLE: list[tuple[str, str | None, XsdVersion]] = [
    ("xmeld-2511a", None, "1.0"),
    ("xbau-2.1", None, "1.0"),
    ("xta-211", None, "1.0"),
    ("din-91379", None, "1.0"),
    ("elster-v8", "xsd/Anmeldung/elster0810_UStA_201101_extern.xsd", "1.0"),
    ("elster-v8", "xsd/Anmeldung/elster0810_UStA_201701_extern.xsd", "1.0"),
    ("elster-v8", "xsd/Anmeldung/elster0810_LStA_201701_extern.xsd", "1.0"),
    ("elster-v8", "xsd/Datenabholung/elster0810_datenabholung_6.xsd", "1.0"),
    ("elster-v8", "xsd/Lohn/elster0810_elo_extern.xsd", "1.0"),
    ("osci-transport-1.2", "schema/soapAcceptDelivery.xsd", "1.1"),
    ("osci-transport-1.2", "schema/soapStoreDelivery.xsd", "1.1"),
    ("xroad-soap", "xsd/xroad.xsd", "1.0"),
    ("xroad-soap", "xsd/op-monitoring.xsd", "1.0"),
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


@pytest.mark.standards
@pytest.mark.parametrize(("name", "entry", "xsd"), WHOLE)
def test_every_official_set_is_installed_and_compiles(
    standards: Path, tmp_path: Path, name: str, entry: str | None, xsd: XsdVersion
) -> None:
    options = {"standard": "official", "edition": "1", "into": tmp_path}
    install_schemas(standards / name, entry=entry, xsd=xsd, **options)  # type: ignore[arg-type]
    schema = SchemaCatalogue(installed=tmp_path, shipped=tmp_path).wire_schema("official/1")
    assert isinstance(schema, ThoroughSchema) is (xsd == "1.1")
    assert schema.check(etree.fromstring(b"<unknown/>"))


@pytest.mark.standards
@pytest.mark.parametrize(("name", "message"), [("osci-transport-1.2", "1.0")])
def test_osci_is_no_xsd_1_0(standards: Path, tmp_path: Path, name: str, message: str) -> None:
    entry = "schema/soapAcceptDelivery.xsd"
    with pytest.raises(ConfigurationError, match=message):
        install_schemas(
            standards / name, standard="osci", edition="1.2", into=tmp_path, entry=entry
        )
