"""Tests of ``gateway.validation.schema_compiler``."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import ConfigurationError
from gateway.validation.schema_compiler import compile_schema_set
from gateway.validation.schema_set import open_schema_set

WriteSet = Callable[[dict[str, str]], Path]


def is_valid(folder: Path, message: bytes) -> bool:
    return compile_schema_set(open_schema_set(folder)).validate(etree.fromstring(message))


def test_entries_of_one_namespace_and_of_others_are_compiled_together(write_set: WriteSet) -> None:
    folder = write_set(
        {
            "a.xsd": 'targetNamespace="urn:a"><xs:element name="a" type="xs:int"/>',
            "b.xsd": 'targetNamespace="urn:a"><xs:element name="b" type="xs:int"/>',
            "c.xsd": 'targetNamespace="urn:c"><xs:element name="c" type="xs:int"/>',
            "d.xsd": '><xs:element name="d" type="xs:int"/>',
            "e.xsd": '><xs:element name="e" type="xs:int"/>',
        }
    )
    schema = open_schema_set(folder)
    assert schema.entries == ("a.xsd", "b.xsd", "c.xsd", "d.xsd", "e.xsd")
    assert schema.roots == ("d", "e", "{urn:a}a", "{urn:a}b", "{urn:c}c")
    compiled = compile_schema_set(schema)
    for root in (b"<a xmlns='urn:a'>", b"<b xmlns='urn:a'>", b"<c xmlns='urn:c'>", b"<d>", b"<e>"):
        name = root[1:2]
        assert compiled.validate(etree.fromstring(root + b"1</" + name + b">"))
        assert not compiled.validate(etree.fromstring(root + b"x</" + name + b">"))


def test_negated_class_means_what_it_says(write_set: WriteSet) -> None:
    body = (
        "><xs:element name='a'><xs:simpleType><xs:restriction base='xs:string'>"
        "<xs:pattern value='[\\P{Z}]+'/></xs:restriction></xs:simpleType></xs:element>"
    )
    folder = write_set({"a.xsd": body})
    assert is_valid(folder, b"<a>xy</a>")
    assert not is_valid(folder, b"<a>x y</a>")


def test_internal_subset_of_a_schema_is_read_and_its_external_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.xsd").write_text(
        '<!DOCTYPE xs:schema SYSTEM "http://schemas.invalid/s.dtd" [<!ENTITY n "urn:n">]>'
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="&n;">'
        '<xs:element name="a"/></xs:schema>',
        encoding="utf-8",
    )
    assert is_valid(tmp_path, b"<a xmlns='urn:n'/>")


def test_what_libxml2_does_not_take_is_placed(write_set: WriteSet) -> None:
    folder = write_set({"sub/a.xsd": '><xs:element name="a" type="missing"/>'})
    with pytest.raises(ConfigurationError) as caught:
        compile_schema_set(open_schema_set(folder))
    assert [place.detail for place in caught.value.places] == ["sub/a.xsd, line 1"]


@pytest.mark.standards
@pytest.mark.parametrize(
    ("name", "entries", "roots"), [("xmeld-2511a", 1, 139), ("xbau-2.1", 12, 130)]
)
def test_official_sets_compile(standards: Path, name: str, entries: int, roots: int) -> None:
    files = open_schema_set(standards / name)
    assert (len(files.entries), len(files.roots)) == (entries, roots)
    compile_schema_set(files)
