"""Tests of ``gateway.validation.schema_locations``."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import ConfigurationError
from gateway.validation.schema_compiler import compile_schema_set
from gateway.validation.schema_set import open_schema_set

WriteSet = Callable[[dict[str, str]], Path]
ADDRESS = "http://schemas.invalid/types/types.xsd"
MAIN = (
    'targetNamespace="urn:a" xmlns:t="urn:t">'
    '<xs:import namespace="urn:t" schemaLocation="{0}"/><xs:element name="a" type="t:t"/>'
)
TYPES = (
    'targetNamespace="urn:t"><xs:simpleType name="t">'
    '<xs:restriction base="xs:string"><xs:maxLength value="1"/></xs:restriction></xs:simpleType>'
)
CATALOGUE = '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">{}</catalog>'


def is_valid(folder: Path, message: bytes) -> bool:
    return compile_schema_set(open_schema_set(folder)).validate(etree.fromstring(message))


def test_relative_locations_are_followed(write_set: WriteSet) -> None:
    folder = write_set({"a.xsd": MAIN.format("sub%20dir/t.xsd"), "sub dir/t.xsd": TYPES})
    assert open_schema_set(folder).entries == ("a.xsd",)
    assert is_valid(folder, b"<a xmlns='urn:a'>1</a>")
    assert not is_valid(folder, b"<a xmlns='urn:a'>11</a>")


@pytest.mark.parametrize(
    "entry",
    [
        f'<uri name="{ADDRESS}" uri="local/t1.xsd"/>',
        f'<system systemId="{ADDRESS}" uri="local/t1.xsd"/>',
        f'<group xml:base=""><uri name="{ADDRESS}" uri="./other/../local/t1.xsd"/></group>',
        f'<rewriteURI uriStartString="{ADDRESS[:-4]}" rewritePrefix="local/t1"/>',
        (
            f'<rewriteSystem systemIdStartString="{ADDRESS}" rewritePrefix="local/t1.xsd"/>'
            '<rewriteURI uriStartString="http://schemas.invalid/" rewritePrefix="nowhere/"/>'
        ),
    ],
)
def test_addresses_are_answered_from_the_catalogue(write_set: WriteSet, entry: str) -> None:
    folder = write_set(
        {
            "a.xsd": MAIN.format(ADDRESS),
            "local/t1.xsd": TYPES,
            "catalog.xml": CATALOGUE.format(entry),
        }
    )
    assert not is_valid(folder, b"<a xmlns='urn:a'>11</a>")


def test_rewriting_keeps_the_rest_of_the_address(write_set: WriteSet) -> None:
    entry = '<rewriteURI uriStartString="http://schemas.invalid/types/" rewritePrefix="local/"/>'
    folder = write_set(
        {
            "a.xsd": MAIN.format(ADDRESS),
            "local/types.xsd": TYPES,
            "other/types.xsd": TYPES,
            "catalog.xml": CATALOGUE.format(entry),
        }
    )
    assert open_schema_set(folder).addresses == {ADDRESS: "local/types.xsd"}


def test_address_without_catalogue_is_found_by_its_file_name(write_set: WriteSet) -> None:
    folder = write_set({"a.xsd": MAIN.format(ADDRESS), "deep/down/types.xsd": TYPES})
    assert not is_valid(folder, b"<a xmlns='urn:a'>11</a>")


def test_file_name_that_is_not_unique_answers_nothing(write_set: WriteSet) -> None:
    folder = write_set({"a.xsd": MAIN.format(ADDRESS), "b/types.xsd": TYPES, "c/types.xsd": TYPES})
    with pytest.raises(ConfigurationError, match=ADDRESS):
        open_schema_set(folder)


def test_catalogue_cannot_lead_out_of_the_folder(write_set: WriteSet) -> None:
    entry = f'<uri name="{ADDRESS}" uri="../t.xsd"/>'
    folder = write_set({"a.xsd": MAIN.format(ADDRESS), "catalog.xml": CATALOGUE.format(entry)})
    (folder.parent / "t.xsd").write_text("outside the folder")
    with pytest.raises(ConfigurationError, match="incomplete"):
        open_schema_set(folder)


@pytest.mark.parametrize("location", ["http://[", "urn:x:y", "file:///etc/passwd", "/etc/passwd"])
def test_odd_location_is_missing_like_any_other(write_set: WriteSet, location: str) -> None:
    folder = write_set({"a.xsd": MAIN.format(location)})
    with pytest.raises(ConfigurationError, match="incomplete"):
        open_schema_set(folder)


def test_broken_catalogue_is_named(write_set: WriteSet) -> None:
    folder = write_set({"a.xsd": ">", "catalog.xml": "<"})
    with pytest.raises(ConfigurationError, match=r"catalog\.xml"):
        open_schema_set(folder)
