"""What the tests of the documentation read from a page: fenced blocks, headings, links.

A small part of CommonMark, as far as our pages use it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"

_FENCE = re.compile(r"```(\w*)$")
_HEADING = re.compile(r"#{1,6} +(.+?) *$")
_LINK = re.compile(r"\[[^\]\[]*\]\(([^()\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One fenced block.

    Attributes:
        language: The word after the fence; empty: none.
        line: Number of the first line inside, from 1.
        lines: What is inside.
        before: The last line before it that is not blank.
    """

    language: str
    line: int
    lines: tuple[str, ...]
    before: str


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    lines = text.splitlines()
    before, begin, language = "", 0, ""
    for number, line in enumerate(lines):
        fence = _FENCE.fullmatch(line)
        if begin and line == "```":
            inside = tuple(lines[begin:number])
            yield Block(language=language, line=begin + 1, lines=inside, before=before)
            before, begin = "", 0
        elif not begin and fence:
            begin, language = number + 1, fence[1]
        elif not begin and line.strip():
            before = line.strip()
    assert not begin, f"the fence opened in line {begin} is never closed"


def prose(text: str) -> str:
    """The page without its fenced blocks."""
    kept, inside = [], False
    for line in text.splitlines():
        fence = line.startswith("```")
        if not (fence or inside):
            kept.append(line)
        inside ^= fence
    return "\n".join(kept)


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and GitLab make them."""
    found: set[str] = set()
    for line in prose(text).splitlines():
        heading = _HEADING.fullmatch(line)
        if heading:
            words = re.sub(r"[^\w\- ]", "", heading[1].lower())
            anchor = words.replace(" ", "-")
            repeats = sum(1 for one in found if re.fullmatch(re.escape(anchor) + r"(-\d+)?", one))
            found.add(f"{anchor}-{repeats}" if repeats else anchor)
    return found


def links(text: str) -> list[str]:
    """Where the links of a page lead, in order."""
    return _LINK.findall(_CODE.sub("", prose(text)))
