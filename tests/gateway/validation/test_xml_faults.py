"""Tests of ``gateway.validation.xml_faults``."""

import pytest
from lxml import etree

from gateway.errors import Place
from gateway.validation.xml_faults import list_wire_faults
from gateway.validation.xml_schema import WireSchema

HEAD = '<note xmlns="urn:note" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
NAMESPACES = {"n": "urn:note", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}


def faults(schema: WireSchema, content: str) -> list[Place]:
    root = etree.fromstring(f"{HEAD}{content}</note>".encode())
    return list(schema.check(root, namespaces=NAMESPACES))


@pytest.mark.parametrize(
    ("content", "wire", "keyword", "detail"),
    [
        (
            "<key>SECRET</key>",
            "n:key",
            "pattern",
            r"expected a text that matches \d{8}, found a text of 6 characters",
        ),
        (
            "<key>12345678</key><key>S</key>",
            "n:key[2]",
            "pattern",
            r"expected a text that matches \d{8}, found a text of 1 character",
        ),
        (
            "<colour>SECRET</colour>",
            "n:colour",
            "enumeration",
            "expected a listed value, found a text of 6 characters",
        ),
        (
            "<short>S</short>",
            "n:short",
            "min-length",
            "expected at least 2 characters, found a text of 1 character",
        ),
        (
            "<short>SECRET</short>",
            "n:short",
            "max-length",
            "expected at most 4 characters, found a text of 6 characters",
        ),
        (
            "<pair>SECRET</pair>",
            "n:pair",
            "length",
            "expected a length of 2, found a text of 6 characters",
        ),
        (
            "<amount>1</amount>",
            "n:amount",
            "minimum",
            "expected 2 or more, found a text of 1 character",
        ),
        (
            "<amount>900</amount>",
            "n:amount",
            "maximum",
            "expected less than 900, found a text of 3 characters",
        ),
        (
            "<amount>2.22</amount>",
            "n:amount",
            "fraction-digits",
            "expected at most 1 digits after the point",
        ),
        ("<amount>222.2</amount>", "n:amount", "total-digits", "expected at most 3 digits"),
        (
            "<grade>2</grade>",
            "n:grade",
            "minimum",
            "expected more than 2, found a text of 1 character",
        ),
        (
            "<grade>10</grade>",
            "n:grade",
            "maximum",
            "expected 9 or less, found a text of 2 characters",
        ),
        (
            "<count>SECRET</count>",
            "n:count",
            "type",
            "expected a value of the type int, found a text of 6 characters",
        ),
        ("<count/>", "n:count", "type", "expected a value of the type int, found no text"),
        (
            "<dateOrYear>SECRET</dateOrYear>",
            "n:dateOrYear",
            "type",
            "expected a value of the type dateOrYear, found a text of 6 characters",
        ),
        (
            "<numbers>1 SECRET</numbers>",
            "n:numbers",
            "type",
            "expected a value of the type int, found a text of 8 characters",
        ),
        (
            "<kind>SECRET</kind>",
            "n:kind",
            "fixed",
            "expected the value the schema fixes, found a text of 6 characters",
        ),
        (
            "<choice/>",
            "n:choice",
            "missing-element",
            "a child element is missing; expected one of n:x, n:y",
        ),
        (
            "<choice><z>SECRET</z></choice>",
            "n:choice/n:z",
            "unknown-element",
            "not expected here; expected one of n:x, n:y",
        ),
        (
            "<choice><x/><x/></choice>",
            "n:choice/n:x[2]",
            "unknown-element",
            "not expected here; expected no further element",
        ),
        (
            '<group needed="1"><x/></group>',
            "n:group",
            "missing-element",
            "a child element is missing; expected n:y",
        ),
        (
            "<group><x/><y/></group>",
            "n:group/@needed",
            "missing-attribute",
            "a required attribute is missing",
        ),
        (
            '<group needed="1" code="SECRET"><x/><y/></group>',
            "n:group/@code",
            "pattern",
            r"expected a text that matches \d{8}, found a text of 6 characters",
        ),
        (
            '<group needed="1" list="SECRET"><x/><y/></group>',
            "n:group/@list",
            "fixed",
            "expected the value the schema fixes, found a text of 6 characters",
        ),
        (
            '<group needed="1" other="SECRET"><x/><y/></group>',
            "n:group/@other",
            "unknown-attribute",
            "an attribute that is not allowed",
        ),
        (
            '<group needed="1" xsi:other="SECRET"><x/><y/></group>',
            "n:group/@xsi:other",
            "unknown-attribute",
            "an attribute that is not allowed",
        ),
        (
            '<key other="SECRET">12345678</key>',
            "n:key/@other",
            "unknown-attribute",
            "an attribute that is not allowed",
        ),
        (
            "<empty>SECRET</empty>",
            "n:empty",
            "not-empty",
            "expected an empty element, found a text of 6 characters",
        ),
        (
            "<empty><x/></empty>",
            "n:empty",
            "not-empty",
            "expected an empty element, found 1 child element",
        ),
        (
            '<group needed="1">SECRET<x/><y/></group>',
            "n:group",
            "text",
            "text stands between elements",
        ),
        (
            '<maybe xsi:nil="true">SECRET</maybe>',
            "n:maybe",
            "nil",
            "xsi:nil stands on an element that has content",
        ),
        (
            '<kind xsi:nil="true">N</kind>',
            "n:kind",
            "nil",
            "xsi:nil is not allowed",
        ),
        (
            "<shape/>",
            "n:shape",
            "abstract",
            "the schema allows no such element, only kinds of it",
        ),
        (
            '<key xsi:type="SECRET">12345678</key>',
            "n:key/@xsi:type",
            "xsi-type",
            "xsi:type names no type of the schema",
        ),
        (
            "<unique><item>SECRET</item><item>SECRET</item></unique>",
            "n:unique/n:item[2]",
            "identity",
            "breaks a uniqueness or key rule of the schema",
        ),
    ],
)
def test_fault_is_placed_and_told_without_its_value(
    note_schema: WireSchema, content: str, wire: str, keyword: str, detail: str
) -> None:
    (place,) = faults(note_schema, content)
    assert (place.wire, place.keyword, place.detail) == (f"/n:note/{wire}", keyword, detail)
    assert place.pointer is None


@pytest.mark.parametrize(
    ("content", "keyword"),
    [
        ("<colour>X' is not an element of the set {'SECRET'}.</colour>", "enumeration"),
        ("<key>X' is not accepted by the pattern 'SECRET'.</key>", "pattern"),
        ("<count>' is not a valid value of the atomic type 'SECRET'.</count>", "type"),
        ("<grade>99</grade>", "maximum"),
        ('<group needed="1" code="\', attribute \'SECRET\': "><x/><y/></group>', "pattern"),
    ],
)
def test_value_that_imitates_a_message_is_not_repeated(
    note_schema: WireSchema, content: str, keyword: str
) -> None:
    (place,) = faults(note_schema, content)
    assert place.keyword == keyword
    assert "SECRET" not in str(place)


def test_all_faults_are_found_at_once(note_schema: WireSchema) -> None:
    places = faults(note_schema, "<key>1</key><key>2</key><colour>SECRET</colour>")
    assert [place.wire for place in places] == [
        "/n:note/n:key[1]",
        "/n:note/n:key[2]",
        "/n:note/n:colour",
    ]


def test_unknown_message_is_the_fault(note_schema: WireSchema) -> None:
    (place,) = note_schema.check(etree.fromstring(b"<other xmlns='urn:note'/>"))
    assert (place.wire, place.keyword) == ("/*:other", "unknown-root")


def test_element_of_another_namespace_is_placed(note_schema: WireSchema) -> None:
    (place,) = faults(note_schema, '<z:z xmlns:z="urn:z"/>')
    assert place.wire == "/n:note/z:z"


def test_number_of_places_is_bounded(note_schema: WireSchema) -> None:
    attributes = " ".join(f'a{number}=""' for number in range(200))
    places = faults(note_schema, f"<key {attributes}>12345678</key>")
    assert len(places) == 101
    assert places[-1].keyword == "more"


class _Entry:
    """A log entry of a libxml2 that we do not know."""

    type_name = "SCHEMAV_NEW"
    message = "Element 'SECRET': SECRET"
    path = "/nowhere"


def test_entry_that_cannot_be_placed_names_the_message() -> None:
    root = etree.fromstring(b"<a/>")
    (place,) = list_wire_faults([_Entry()], root, namespaces={})
    assert (place.wire, place.keyword, place.detail) == ("/a", "schema", "breaks the schema")


def test_entry_of_an_unknown_kind_is_placed() -> None:
    entry = _Entry()
    entry.path = "/a"
    (place,) = list_wire_faults([entry], etree.fromstring(b"<a/>"), namespaces={})
    assert (place.wire, place.keyword, place.detail) == ("/a", "schema", "breaks the schema")
