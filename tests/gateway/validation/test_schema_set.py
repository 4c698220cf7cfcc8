"""Tests of ``gateway.validation.schema_set``."""

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


def test_every_missing_location_is_named(write_set: WriteSet) -> None:
    folder = write_set(
        {
            "a.xsd": MAIN.format(ADDRESS),
            "b.xsd": '><xs:include schemaLocation="c.xsd"/><xs:include schemaLocation="../d.xsd"/>',
        }
    )
    (folder.parent / "d.xsd").write_text("outside the folder")
    with pytest.raises(ConfigurationError, match="incomplete") as caught:
        open_schema_set(folder)
    assert [place.detail for place in caught.value.places] == [
        f"a.xsd refers to {ADDRESS}, which is not in the set",
        "b.xsd refers to c.xsd, which is not in the set",
        "b.xsd refers to ../d.xsd, which is not in the set",
    ]


def test_ring_of_files_has_one_entry(write_set: WriteSet) -> None:
    folder = write_set(
        {
            "a.xsd": '><xs:include schemaLocation="b.xsd"/><xs:element name="a"/>',
            "b.xsd": '><xs:include schemaLocation="a.xsd"/><xs:element name="b"/>',
        }
    )
    assert open_schema_set(folder).entries == ("a.xsd",)
    assert is_valid(folder, b"<b/>")


def test_one_entry_reads_only_what_it_reaches(write_set: WriteSet) -> None:
    folder = write_set(
        {
            "a.xsd": '><xs:include schemaLocation="b.xsd"/>',
            "b.xsd": "><xs:element name='b'/>",
            "c.xsd": '><xs:include schemaLocation="missing.xsd"/>',
        }
    )
    assert sorted(open_schema_set(folder, entry="a.xsd").files) == ["a.xsd", "b.xsd"]


def test_an_entry_that_is_not_there_is_refused_with_the_one_meant(write_set: WriteSet) -> None:
    folder = write_set({"sub/a.xsd": ">", "b.xsd": ">"})
    with pytest.raises(ConfigurationError, match=r"no file a.xsd .* there is sub/a.xsd"):
        open_schema_set(folder, entry="a.xsd")
    with pytest.raises(ConfigurationError, match=r"no file c.xsd here, named by its path"):
        open_schema_set(folder, entry="c.xsd")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("><xs:element name='a' type='xs:string'/>", False),
        ("><xs:element name='a'/>", True),
        ("><xs:element name='a'><xs:annotation/></xs:element>", True),
        ("><xs:element name='a'><xs:complexType/></xs:element>", False),
        ("><xs:element name='a'><xs:complexType mixed='true'/></xs:element>", True),
        ("><xs:element name='a'><xs:complexType mixed='false'/></xs:element>", False),
        ("><xs:element name='a' type='xs:anyType'/>", True),
    ],
)
def test_mixed_content_is_noticed(write_set: WriteSet, body: str, *, expected: bool) -> None:
    files = open_schema_set(write_set({"a.xsd": body}))
    assert files.files["a.xsd"].may_mix is expected


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<xs:schema", "cannot be read as XML"),
        ("<other/>", "its root is not xs:schema"),
    ],
)
def test_file_that_is_no_schema_is_named(tmp_path: Path, content: str, text: str) -> None:
    (tmp_path / "a.xsd").write_text(content)
    with pytest.raises(ConfigurationError, match=rf"a\.xsd: {text}"):
        open_schema_set(tmp_path)


def test_folder_without_schemas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no \.xsd files"):
        open_schema_set(tmp_path)


@pytest.mark.parametrize(
    ("wildcard", "expected"),
    [("processContents='lax'", True), ("processContents='skip'", True), ("", False)],
)
def test_a_wildcard_that_checks_nothing_is_noticed(
    write_set: WriteSet, wildcard: str, *, expected: bool
) -> None:
    body = f"""><xs:element name='a'><xs:complexType><xs:sequence>
    <xs:element name='b' type='xs:string'/><xs:any {wildcard} namespace='##other'/>
    </xs:sequence></xs:complexType></xs:element>"""
    file = open_schema_set(write_set({"a.xsd": body})).files["a.xsd"]
    assert file.is_open is expected
    assert file.names == {"a", "b"}
