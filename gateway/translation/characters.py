"""Find the texts of a document that XML cannot carry; asked only after writing has failed.

Source: W3C XML 1.0 (5th edition) §2.2, production 2 (Char).
"""

import re
from collections.abc import Iterator
from typing import Any

from gateway.errors import Place

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def not_xml(value: Any, pointer: str = "") -> Iterator[Place]:
    """Each text with a character outside XML 1.0: its place, and position and code point."""
    if isinstance(value, str):
        found = _NOT_XML.search(value)
        if found:
            yield Place(
                keyword="character",
                detail=f"U+{ord(found[0]):04X} at position {found.start()} is no XML character.",
                pointer=pointer,
            )
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from not_xml(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from not_xml(inner, f"{pointer}/{index}")
