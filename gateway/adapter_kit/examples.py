"""The golden pairs of an adapter: ``examples/<case>.api.json`` beside ``<case>.wire.xml``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gateway.adapter_kit.laws import (
    Finding,
    law1,
    law2,
    law3,
    law5_document,
    law5_message,
    same_in_every_spelling,
)
from gateway.adapter_kit.trees import parse
from gateway.errors import GatewayError, MalformedBodyError, MessageRefusedError
from gateway.translation.map import Map


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One case, in both forms."""

    name: str
    map: Map
    document: dict[str, Any]
    wire: bytes


def find_examples(folder: Path, maps: Mapping[str, Map]) -> tuple[list[Example], list[Finding]]:
    """Every complete pair, and what is wrong with the others."""
    examples: list[Example] = []
    faults: list[Finding] = []
    roots = {translation.root: translation for translation in maps.values()}
    cases = sorted({p.name.split(".")[0] for p in (folder / "examples").glob("*.*.*")})
    for case in cases:
        try:
            examples.append(_load(folder / "examples", case, roots))
        except (OSError, ValueError, KeyError, MalformedBodyError) as error:
            faults.append(Finding(law="examples", detail=f"{case}: {_why(error)}"))
    covered = {example.map.name for example in examples}
    faults += (
        Finding(law="examples", detail=f"the map {name} has no example")
        for name in sorted(maps.keys() - covered)
    )
    return examples, faults


def judge_example(example: Example, *, most: int | None = None) -> Iterator[Finding]:
    """The pair says the same both ways, and every law holds on it.

    Args:
        example: The pair.
        most: At how many places something is changed, evenly spread; None: at all.
    """
    try:
        yield from _pair(example)
        yield from law1(example.map, example.document).findings
        for law in (law2, law3):
            yield from law(example.map, example.wire).findings
        yield from same_in_every_spelling(example.map, example.wire)
        yield from law5_message(example.map, example.wire, most=most)
        yield from law5_document(example.map, example.document, most=most)
    except MessageRefusedError as error:
        for place in error.places:
            yield Finding(
                law="example",
                detail=f"is refused ({place.keyword})",
                pointer=place.pointer,
                wire=place.wire,
            )


def _pair(example: Example) -> Iterator[Finding]:
    # What is written of the document is then judged by the laws.
    if example.map.read(example.wire).document != example.document:
        yield Finding(law="example", detail="the message reads as another document")


def _load(folder: Path, case: str, roots: Mapping[str, Map]) -> Example:
    wire = (folder / f"{case}.wire.xml").read_bytes()
    document = orjson.loads((folder / f"{case}.api.json").read_bytes())
    translation = roots[str(parse(wire).tag)]
    return Example(name=case, map=translation, document=document, wire=wire)


def _why(error: Exception) -> str:
    if isinstance(error, GatewayError):
        return "the message is not XML"
    kinds: dict[type[Exception], str] = {
        KeyError: "no map reads this root element",
        OSError: "one of the two files is missing",
    }
    return next((text for kind, text in kinds.items() if isinstance(error, kind)), "no JSON")
