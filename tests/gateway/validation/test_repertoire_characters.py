"""The characters of DIN 91379 against the published list."""

from pathlib import Path

import pytest
from lxml import etree

from gateway.validation.repertoire_characters import GROUPS, SEQUENCES

NS = "{http://xoev.de/latinchars}"
ADDED = {"bll-2022", "enl-2022"}


def points_of(ranges: str) -> set[int]:
    found: set[int] = set()
    for item in ranges.split():
        first, _, last = item.partition("-")
        found |= set(range(int(first, 16), int(last or first, 16) + 1))
    return found


def test_no_character_is_in_two_groups() -> None:
    points = [points_of(part) for _, part in GROUPS.values()]
    assert len(set.union(*points)) == sum(map(len, points)) == 777 + 3


def test_each_sequence_begins_with_a_letter_of_the_list() -> None:
    letters = points_of(GROUPS["bll"][1])
    assert {ord(letter) for letters in SEQUENCES.values() for letter in letters} <= letters
    assert sum(map(len, SEQUENCES.values())) == 147 + 2


@pytest.mark.standards
def test_the_groups_are_those_of_the_published_list(standards: Path) -> None:
    published: dict[str, set[int]] = {}
    sequences: set[str] = set()
    for entry in etree.parse(standards / "din-91379" / "latinchars.xml").getroot():
        if entry.tag == f"{NS}char":
            code = int(entry.findtext(f"{NS}cp", ""), 16)
            published.setdefault(entry.get("group", ""), set()).add(code)
        elif entry.tag == f"{NS}sequence":
            sequences.add(entry.findtext(f"{NS}cp", ""))
    ours = {name: points_of(part) for name, (_, part) in GROUPS.items() if name not in ADDED}
    assert ours == published
    assert {
        f"{ord(letter):04X} {marks}"
        for marks, letters in SEQUENCES.items()
        for letter in letters
        if marks != "030D"
    } == sequences
    assert sum(map(len, published.values())) + len(sequences) == 924
