"""Put a schema differently, so that libxml2 says yes to the same messages sooner.

Two things cost most of a validation and say little: the repertoire of DIN 91379, which German
standards put as a pattern on nearly every text, and long code lists, which libxml2 compares one by
one. Where a pattern takes any sequence of certain characters, a message that holds only those
cannot break it, markup included, so it need not be looked at; a list of values becomes a pattern
with common beginnings written once. The schema as published decides whenever the quick one does
not say yes, and it alone explains. Kept out: compiling (``schema_compiler``).
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

XSD = "http://www.w3.org/2001/XMLSchema"

_ASCII = "\t\n\r" + "".join(map(chr, range(0x20, 0x7F)))
_ASCII_BYTES = _ASCII.encode()
# Letters of Latin scripts, and the punctuation that word processors put in.
_RANGES = ((0xA0, 0x250), (0x1E00, 0x1F00), (0x2010, 0x2040), (0x20A0, 0x20C0))
_CANDIDATES = [chr(code) for low, high in _RANGES for code in range(low, high)]
_LETTERS = [chr(code) for code in range(0xC0, 0x100)]
_REPEATED = re.compile(r"\(.*\)\*\Z", re.DOTALL)
_FEW_VALUES = 12
_SPECIAL = set("\\|.?*+(){}[]-^")
_WORD = re.compile(r"[!-~]+(?: [!-~]+)*\Z")
_END = ""


class PlainText:
    """Tells messages whose every character is one of a set."""

    def __init__(self, repertoires: Iterable[frozenset[str]]) -> None:
        """Take what all repertoires have in common; none: every character will do."""
        known = list(repertoires)
        self._known = frozenset.intersection(*known) if known else None
        self._knows_letters = self._known is not None and self._known.issuperset(_LETTERS)

    def holds(self, data: bytes) -> bool:
        """Whether a well-formed UTF-8 message certainly holds nothing else.

        Character references do not pass.
        """
        if self._known is None:
            return True
        # One byte is sought twenty times faster than two.
        if b"&" in data and b"&#" in data:
            return False
        try:
            if self._is_western(data):
                return True
            return self._known.issuperset(data.translate(None, _ASCII_BYTES).decode("utf-8"))
        except UnicodeDecodeError:
            return False

    def _is_western(self, data: bytes) -> bool:
        """Whether all is ASCII or a letter of U+00C0 to U+00FF; some calls into C, 3 µs for 6 kB.

        The UTF-8 of those letters is 0xC3 and one more byte; 0xC3 stands in no other character.
        """
        if b"\x7f" in data:
            return False  # of the other control characters XML allows none that is not known
        return data.isascii() or (
            self._knows_letters and data.count(0xC3) == len(data) - len(data.decode("utf-8"))
        )


def quicken(schema: etree._Element) -> list[frozenset[str]]:
    """Change one schema document in place; return what the patterns left out would have taken."""
    for restriction in list(schema.iter(f"{{{XSD}}}restriction")):
        _join_values(restriction)
    found = []
    for pattern in list(schema.iter(f"{{{XSD}}}pattern")):
        parent = pattern.getparent()
        characters = characters_of(pattern.get("value") or "")
        # Beside others in the same restriction one pattern is enough: there it stays.
        if parent is not None and characters and len(parent.findall(f"{{{XSD}}}pattern")) == 1:
            parent.remove(pattern)
            found.append(characters)
    return found


@lru_cache(maxsize=64)
def characters_of(pattern: str) -> frozenset[str] | None:
    """The characters of which a pattern of XML Schema takes any sequence.

    Args:
        pattern: As it stands in the schema.

    Returns:
        None where it is no repetition of one group, or refuses a character of printable ASCII,
        tab or line end: such a pattern says more than a repertoire.
    """
    if not _REPEATED.match(pattern) or not _is_one_group(pattern[:-1]):
        return None
    takes = _compiled(pattern)
    if takes is None or not all(_accepts(takes, character) for character in _ASCII):
        return None
    return frozenset(c for c in _CANDIDATES if _accepts(takes, c)) | frozenset(_ASCII)


def pattern_of(values: Iterable[str]) -> str:
    """A pattern that takes exactly these values, common beginnings written once."""
    tree: dict[str, Any] = {}
    for value in values:
        node = tree
        for character in value:
            node = node.setdefault(character, {})
        node[_END] = {}
    return _printed(tree)


def _printed(node: Mapping[str, Any]) -> str:
    branches = [
        ("\\" + character if character in _SPECIAL else character) + _printed(inner)
        for character, inner in node.items()
        if character != _END
    ]
    if not branches:
        return ""
    if len(branches) == 1 and _END not in node:
        return branches[0]
    return f"({'|'.join(branches)}){'?' if _END in node else ''}"


def _join_values(restriction: etree._Element) -> None:
    """Put a long list of values as one pattern, where no other pattern stands beside it."""
    listed = restriction.findall(f"{{{XSD}}}enumeration")
    values = [value.get("value") or "" for value in listed]
    base = (restriction.get("base") or "").rpartition(":")[2]
    if (
        len(values) <= _FEW_VALUES
        or base not in ("token", "string", "normalizedString")
        or restriction.find(f"{{{XSD}}}pattern") is not None
        or not all(_WORD.match(value) for value in values)
    ):
        return
    for value in listed:
        restriction.remove(value)
    etree.SubElement(restriction, f"{{{XSD}}}pattern", value=pattern_of(values))


def _is_one_group(text: str) -> bool:
    """Whether the first bracket closes at the very end, so that ``*`` repeats everything."""
    depth, inside, escaped = 0, False, False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif inside:
            inside = character != "]"
        elif character == "[":
            inside = True
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return position == len(text) - 1
    return False


def _compiled(pattern: str) -> etree.XMLSchema | None:
    schema = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD})
    element = etree.SubElement(schema, f"{{{XSD}}}element", name="t")
    simple = etree.SubElement(element, f"{{{XSD}}}simpleType")
    restriction = etree.SubElement(simple, f"{{{XSD}}}restriction", base="xs:string")
    etree.SubElement(restriction, f"{{{XSD}}}pattern", value=pattern)
    try:
        return etree.XMLSchema(schema)
    except etree.LxmlError:
        return None


def _accepts(takes: etree.XMLSchema, character: str) -> bool:
    # Twice, so that the pattern is seen to repeat.
    element = etree.Element("t")
    element.text = character * 2
    return takes.validate(element)
