import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.validation.quick_schema import (
    XSD,
    PlainText,
    characters_of,
    pattern_of,
    quicken,
)
from gateway.validation.xml_schema import WireSchema

REPERTOIRE = "([\t-\n]|\r|[ -~]|[\xa0-\xac]|[\xae-\u017e]|c(\u0300|\u0304)|\u20ac)*"
WORDS = st.text("abc01-.", min_size=1, max_size=4)


def schema_with(facets: str) -> etree._Element:
    return etree.fromstring(
        f'<xs:schema xmlns:xs="{XSD}"><xs:element name="t"><xs:simpleType>'
        f'<xs:restriction base="xs:token">{facets}</xs:restriction>'
        "</xs:simpleType></xs:element></xs:schema>"
    )


def enumeration(*values: str) -> str:
    return "".join(f'<xs:enumeration value="{value}"/>' for value in values)


def test_a_repertoire_is_known_by_its_characters() -> None:
    characters = characters_of(REPERTOIRE)
    assert characters is not None
    assert {"a", "~", "\n", "\xfc", "\u20ac"} <= characters
    assert not {"\xad", "\u0300", "\x7f", "\u4e2d"} & characters


@pytest.mark.parametrize(
    "pattern",
    ["[a-z]*", "([a-z])*", "(a)*(b)*", "[0-9]{5}", "([ -~])*x", "(unclosed", "\\(a\\)*", ""],
)
def test_a_pattern_that_says_more_than_a_repertoire_is_none(pattern: str) -> None:
    assert characters_of(pattern) is None


def test_a_message_is_plain_while_it_holds_known_characters_only() -> None:
    plain = PlainText([frozenset("a\xfc"), frozenset("a\xfc\xe9")])
    assert plain.holds(b"<a>plain text</a>")
    assert plain.holds("\xfc".encode())
    assert not plain.holds("\xe9".encode())
    assert not plain.holds(b"&#252;")
    assert not plain.holds(b"\xfc")
    assert not plain.holds(b"\x7f")


@given(st.text("a\x7f\xa9\xad\xc0\xdf\xff\u0100\u017e\u20ac\u4e2d", max_size=8))
def test_plain_is_what_the_repertoire_takes(text: str) -> None:
    characters = characters_of(REPERTOIRE)
    assert characters is not None
    assert PlainText([characters]).holds(text.encode()) == characters.issuperset(text)


def test_without_repertoires_every_message_is_plain() -> None:
    assert PlainText([]).holds("\u4e2d".encode())


@given(st.lists(WORDS, min_size=1, max_size=30), WORDS)
def test_a_joined_pattern_takes_the_values_and_no_other(values: list[str], other: str) -> None:
    pattern = re.compile(pattern_of(values))
    assert all(pattern.fullmatch(value) for value in values)
    assert (pattern.fullmatch(other) is not None) == (other in values)


def test_libxml2_reads_a_joined_pattern_the_same_way() -> None:
    values = [str(number) for number in range(1, 186)]
    schema = schema_with(enumeration(*values))
    published = etree.XMLSchema(schema)
    assert quicken(schema) == []
    quick = etree.XMLSchema(schema)
    for text in [*values, "0", "186", "01", "1 1", "", "1.", " 7 "]:
        element = etree.Element("t")
        element.text = text
        # It may say no more often, never yes more often.
        assert published.validate(element) >= quick.validate(element)
    assert not schema.findall(f".//{{{XSD}}}enumeration")


@pytest.mark.parametrize(
    "facets",
    [
        enumeration("a", "b"),
        enumeration(*map(str, range(30))) + '<xs:pattern value="[0-9]"/>',
        enumeration(*map(str, range(30)), "two  blanks"),
    ],
)
def test_other_lists_of_values_stay(facets: str) -> None:
    schema = schema_with(facets)
    before = etree.tostring(schema)
    quicken(schema)
    assert etree.tostring(schema) == before


def test_a_repertoire_beside_another_pattern_stays() -> None:
    alternative = f'<xs:pattern value="{REPERTOIRE}"/><xs:pattern value="x"/>'
    schema = schema_with(alternative.replace("\t", "&#9;").replace("\n", "&#10;"))
    assert quicken(schema) == []


def test_the_published_schema_decides_where_the_quick_one_says_no(tmp_path: Path) -> None:
    text = etree.tostring(schema_with(enumeration(*map(str, range(30)))))
    (tmp_path / "t.xsd").write_bytes(text)
    wire = WireSchema.from_file(tmp_path / "t.xsd", name="t/1")
    for data, keywords in ((b"<t>7</t>", []), (b"<t>77</t>", ["enumeration"])):
        root = etree.fromstring(data)
        assert [place.keyword for place in wire.check(root, data=data)] == keywords
        assert wire.check(root, data=data) == wire.check(root)
