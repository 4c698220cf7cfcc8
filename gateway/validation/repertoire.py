"""Repertoires: which characters a text may consist of, by the datatypes A to E of DIN 91379.

A repertoire is named ``din-91379-a`` to ``din-91379-e``. Some of its letters are sequences of
several code points, and no combining mark stands outside a sequence. Texts are compared as they
are: who takes other than composed text (NFC) composes it first. The characters themselves are in
``repertoire_characters``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from typing_extensions import override

from gateway.validation.repertoire_characters import GROUPS, SEQUENCES

MOST_FAULTS = 100
"""Most faults that are listed of one text."""

_PREFIX = "din-91379-"


@dataclass(frozen=True, slots=True)
class Stranger:
    """A character that is not of the repertoire: its position from 0 and its code point."""

    position: int
    code_point: int

    @override
    def __str__(self) -> str:
        """As fault texts say it."""
        return f"U+{self.code_point:04X} at position {self.position}"


class Repertoire:
    """One datatype, ready for checking; safe to share between threads.

    Attributes:
        name: E.g. ``din-91379-c``.
        characters: Every single character, in the order of code points.
        sequences: Every letter of several code points.
    """

    def __init__(self, name: str) -> None:
        """Prepare a datatype; ``name`` is one of ``repertoire_names``."""
        datatype = name.removeprefix(_PREFIX).upper()
        points = [
            p for takers, part in GROUPS.values() if datatype in takers for p in _points(part)
        ]
        self.name = name
        self.characters = "".join(map(chr, sorted(points)))
        self.sequences = tuple(
            letter + _text(marks) for marks, letters in SEQUENCES.items() for letter in letters
        )
        self._plain = re.compile(f"[{re.escape(self.characters)}]*").fullmatch
        self._whole = re.compile(self._units()).match

    def holds(self, text: str) -> bool:
        """Whether the whole text is of the repertoire."""
        # Nearly every text is without sequences; one class is matched at the speed of C.
        if self._plain(text):
            return True
        found = self._whole(text)
        return found is not None and found.end() == len(text)

    def strangers(self, text: str) -> Iterator[Stranger]:
        """Each character that is not of the repertoire, in order."""
        position = 0
        while position < len(text):
            found = self._whole(text, position)
            position = found.end() if found else position
            if position < len(text):
                yield Stranger(position, ord(text[position]))
                position += 1

    def pattern(self) -> str:
        """The pattern for XML Schema that takes texts of the repertoire."""
        # ASCII apart: libxml2 goes through a class range by range, for each character of a text.
        ascii_only = [c for c in self.characters if c.isascii()]
        singles = [_class(ascii_only), _class(self.characters[len(ascii_only) :])]
        marked = [f"[{letters}]{_text(marks)}" for marks, letters in SEQUENCES.items()]
        return f"({'|'.join([*singles, *marked])})*"

    def plain_pattern(self) -> str:
        """The pattern for JSON Schema that takes only, and all, texts without sequences."""
        return f"^{_class(self.characters)}*$"

    def _units(self) -> str:
        single = f"[{re.escape(self.characters)}]"
        marks = "".join(map(chr, _points(GROUPS["dc"][1]))) + _text("030D")
        # The longest first: some sequences begin with another one.
        several = sorted(SEQUENCES, key=len, reverse=True)
        sequences = "|".join(f"[{SEQUENCES[after]}]{_text(after)}" for after in several)
        return f"(?:{single}(?![{marks}])|{sequences}|{single})*+"


def repertoire_names() -> tuple[str, ...]:
    """The repertoires there are."""
    return tuple(f"{_PREFIX}{datatype}" for datatype in "abcde")


@cache
def repertoire(name: str) -> Repertoire:
    """Return a repertoire by its name, made once.

    Raises:
        KeyError: There is none of this name.
    """
    if name not in repertoire_names():
        raise KeyError(name)
    return Repertoire(name)


def faults(text: str, name: str) -> tuple[Stranger, ...]:
    """The first ``MOST_FAULTS`` characters of a text that are not of a repertoire.

    Raises:
        KeyError: There is no repertoire of this name.
    """
    known = repertoire(name)
    return () if known.holds(text) else tuple(islice(known.strangers(text), MOST_FAULTS))


def _points(ranges: str) -> Iterator[int]:
    for item in ranges.split():
        first, _, last = item.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def _text(points: str) -> str:
    return "".join(chr(int(point, 16)) for point in points.split())


def _class(characters: Iterable[str]) -> str:
    return f"[{''.join(map(_range, _ranges(map(ord, characters))))}]"


def _ranges(points: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for point in points:
        if found and found[-1][1] == point - 1:
            found[-1] = (found[-1][0], point)
        else:
            found.append((point, point))
    return found


def _range(ends: tuple[int, int]) -> str:
    first, last = ends
    return _escaped(first) if first == last else f"{_escaped(first)}-{_escaped(last)}"


def _escaped(point: int) -> str:
    # In a class of either pattern only these mean something else than themselves.
    names = {9: r"\t", 10: r"\n", 13: r"\r", ord("-"): r"\-", ord("["): r"\[", ord("]"): r"\]"}
    names |= {ord("\\"): r"\\", ord("^"): r"\^"}
    return names.get(point) or chr(point)
