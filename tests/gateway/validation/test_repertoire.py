"""The repertoires of DIN 91379, and what the official types say of every character."""

import re
import unicodedata
from pathlib import Path

import pytest
from lxml import etree

from gateway.validation.json_schema import DocumentSchema
from gateway.validation.repertoire import (
    MOST_FAULTS,
    Stranger,
    faults,
    repertoire,
    repertoire_names,
)
from gateway.validation.repertoire_characters import GROUPS, SEQUENCES

XS = "http://www.w3.org/2001/XMLSchema"
C = "din-91379-c"
MARKS = [chr(int(point, 16)) for marks in SEQUENCES for point in marks.split()[:1]]


def shown(text: str, name: str = C) -> list[str]:
    return [str(stranger) for stranger in faults(text, name)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "M\u00fcller-L\u00fcdenscheidt",
        "\u1e9e \u20ac\t\n",
        "C\u0306",
        "K\u035fh K\u035fH k\u035fh",
        "L\u0325\u0304l\u0325r",
        "\u0113\u030d",
    ],
)
def test_latin_letters_of_the_norm_are_in(text: str) -> None:
    assert shown(text) == []
    assert repertoire(C).holds(text)
    assert re.fullmatch(repertoire(C).pattern(), text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u0394b\u6f22", ["U+0394 at position 1", "U+6F22 at position 3"]),
        ("x\u0306", ["U+0306 at position 1"]),
        ("\u0306C", ["U+0306 at position 0"]),
        ("L\u0325\u0304\u0304", ["U+0304 at position 3"]),
        ("k\u035fH", ["U+035F at position 1"]),
        ("K\u035fx", ["U+035F at position 1"]),
        ("K\u035f", ["U+035F at position 1"]),
        ("a\u00ad\x7f\U0001f600", ["U+00AD at position 1", "U+007F at position 2",
                                   "U+1F600 at position 3"]),
    ],
)  # fmt: skip
def test_a_stranger_is_named_with_code_point_and_position(text: str, expected: list[str]) -> None:
    assert shown(text) == expected
    assert not repertoire(C).holds(text)
    assert not re.fullmatch(repertoire(C).pattern(), text)


@pytest.mark.parametrize(
    ("text", "takers"),
    [
        ("\u0101", "abcde"),
        ("7", "bcde"),
        ("\u00bc", "cde"),
        ("\n", "ce"),
        ("\u03a9", "de"),
        ("\u2032", "de"),
        ("\u0416", "e"),
        ("\u0301", ""),
    ],
)
def test_each_datatype_takes_its_groups(text: str, takers: str) -> None:
    assert [name[-1] for name in repertoire_names() if not faults(text, name)] == list(takers)


def test_the_faults_of_one_text_are_limited() -> None:
    found = faults("\u6f22" * 1000, C)
    assert len(found) == MOST_FAULTS
    assert found[0] == Stranger(0, 0x6F22)


def test_marked_letters_have_no_code_point_of_their_own() -> None:
    for text in repertoire("din-91379-a").sequences:
        assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("name", repertoire_names())
def test_the_pattern_for_json_takes_all_single_characters_and_no_mark(name: str) -> None:
    schema = {"type": "string", "pattern": repertoire(name).plain_pattern()}
    plain = DocumentSchema(schema, name="plain")
    assert plain.check(repertoire(name).characters) == ()
    known = set(repertoire(name).characters)
    for text in (*map(chr, range(0x2500)), *MARKS):
        assert (plain.check(text) == ()) == (text in known), ascii(text)


def test_unknown_repertoire_is_an_error() -> None:
    with pytest.raises(KeyError):
        repertoire("other")


def official(standards: Path, datatype: str) -> etree.XMLSchema:
    path = standards / "din-91379" / "din-norm-91379-datatypes.xsd"
    namespace = etree.parse(path).getroot().get("targetNamespace")
    return etree.XMLSchema(
        etree.fromstring(
            f'<xs:schema xmlns:xs="{XS}" xmlns:t="{namespace}">'
            f'<xs:import namespace="{namespace}" schemaLocation="{path}"/>'
            f'<xs:element name="text" type="t:datatype{datatype}"/></xs:schema>'
        )
    )


def takes(schema: etree.XMLSchema, text: str) -> bool:
    message = etree.Element("text")
    message.text = text
    return schema.validate(message)


@pytest.mark.standards
@pytest.mark.parametrize("datatype", "ABCDE")
def test_the_official_type_agrees_on_every_character_and_sequence(
    standards: Path, datatype: str
) -> None:
    schema = official(standards, datatype)
    ours = repertoire(f"din-91379-{datatype.lower()}")
    points = {
        code
        for _, part in GROUPS.values()
        for first, _, last in (item.partition("-") for item in part.split())
        for code in range(int(first, 16), int(last or first, 16) + 1)
    }
    texts = [*map(chr, sorted(points)), *ours.sequences]
    assert len(texts) == 924 + 5
    for text in texts:
        assert ours.holds(text) == takes(schema, text), ascii(text)
    assert (len(ours.characters), len(ours.sequences)) == {
        "A": (518, 149), "B": (578, 149), "C": (588, 149), "D": (695, 149), "E": (761, 149),
    }[datatype]  # fmt: skip


@pytest.mark.standards
@pytest.mark.parametrize("datatype", "ABCDE")
def test_the_official_type_agrees_on_marks_after_every_ascii_letter(
    standards: Path, datatype: str
) -> None:
    schema = official(standards, datatype)
    ours = repertoire(f"din-91379-{datatype.lower()}")
    letters = [chr(code) for code in (*range(0x41, 0x5B), *range(0x61, 0x7B))]
    for text in (f"{letter}{mark}" for letter in letters for mark in MARKS):
        assert ours.holds(text) == takes(schema, text), ascii(text)
        assert ours.holds(f"{text}\u0304") == takes(schema, f"{text}\u0304"), ascii(text)
    for text in ("K\u035fH", "K\u035fh", "k\u035fH", "k\u035fh", "K\u035fK"):
        assert ours.holds(text) == takes(schema, text), ascii(text)


@pytest.mark.standards
def test_the_official_type_agrees_on_every_code_point_of_the_first_planes(standards: Path) -> None:
    schema = official(standards, "E")
    ours = repertoire("din-91379-e")
    for code in (*range(0x20, 0x2500), 0xFFFD, 0x1F600):
        assert ours.holds(chr(code)) == takes(schema, chr(code)), f"{code:04X}"
