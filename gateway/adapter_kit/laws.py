"""The laws of a map as plain functions: what they return is what is broken, nothing is raised.

Laws 1 to 3 and 5 as the map language states them; law 4 is judged on every refusal on the way.
Findings name places and what was done there, never a value. Kept out: where messages and documents
come from (``generate``, ``mutations``, ``suite``).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from typing_extensions import override

from gateway.adapter_kit.mutations import document_mutations, variations, wire_mutations
from gateway.adapter_kit.omit import omit
from gateway.adapter_kit.trees import blank_places, differences, parse, strings
from gateway.errors import MalformedBodyError, MessageRefusedError, Place
from gateway.translation.forms.const import Const
from gateway.translation.forms.each import Each
from gateway.translation.forms.group import Group
from gateway.translation.forms.one_way import OneWay
from gateway.translation.forms.opaque import Opaque
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.ledger import Ledger, Note
from gateway.translation.map import Map, Reading, Writing

_LEAST = 4
"""Shorter values occur in any text by chance."""

_REPEATED = re.compile(r"\[[*~]\]")
_NUMBERED = re.compile(r"\[\d+\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One broken law at one place.

    Attributes:
        law: Number of the law, or the name of the check.
        detail: What is wrong, without values.
        pointer: Place in the document.
        wire: Place in the message.
    """

    law: str
    detail: str
    pointer: str | None = None
    wire: str | None = None

    @override
    def __str__(self) -> str:
        where = " · ".join(place for place in (self.pointer, self.wire) if place)
        return f"{self.law}: {self.detail}" + (f" [{where}]" if where else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What became of one document or message.

    Attributes:
        accepted: Whether the map took it; a refusal that names its places is no finding.
        findings: What is broken.
        written: What the map wrote of it, where it did.
    """

    accepted: bool
    findings: tuple[Finding, ...] = ()
    written: bytes | None = None


def law1(translation: Map, document: Mapping[str, Any]) -> Judged:
    """A completed document is refused naming both places, or is read back as it was."""
    try:
        writing = translation.write(document)
    except MessageRefusedError as error:
        return Judged(accepted=False, findings=law4(translation, error, _texts(document)))
    try:
        back = translation.read(writing.data, kept=writing.kept).document
    except MessageRefusedError as error:
        return Judged(
            accepted=True,
            findings=tuple(_refused("law 1", "what was written cannot be read", error)),
            written=writing.data,
        )
    # What only travels out cannot come back.
    skipped = _one_way(translation, "write")
    places = _unequal(omit(dict(document), skipped), omit(back, skipped), "")
    found = tuple(
        Finding(law="law 1", detail="reads back as something else", pointer=place)
        for place in places
    )
    return Judged(accepted=True, findings=found, written=writing.data)


def law2(translation: Map, data: bytes) -> Judged:
    """What a message says can be written, and what is written says the same."""
    read = _read(translation, data)
    if isinstance(read, Judged):
        return read
    try:
        written = translation.write(read.document, kept=read.kept).data
        again = translation.read(written).document
    except MessageRefusedError as error:
        if _is_one_way(error):
            return Judged(accepted=True)
        found = _refused("law 2", "what was read cannot be written and read again", error)
        return Judged(accepted=True, findings=tuple(found))
    places = _unequal(read.document, again, "")
    found = (
        Finding(law="law 2", detail="says something else when written", pointer=place)
        for place in places
    )
    return Judged(accepted=True, findings=tuple(found), written=written)


def law3(translation: Map, data: bytes) -> Judged:
    """What is written of a message differs from it only where the ledger says so."""
    read = _read(translation, data)
    if isinstance(read, Judged):
        return read
    try:
        written = translation.write(read.document, kept=read.kept).data
    except MessageRefusedError as error:
        if _is_one_way(error):
            return Judged(accepted=True)
        found = _refused("law 3", "what was read cannot be written", error)
        return Judged(accepted=True, findings=tuple(found))
    named = {note.wire for note in noted(read.ledger)}
    places = [p for p in differences(data, written, translation.namespaces) if p not in named]
    if places:
        blanks = blank_places(data, translation.namespaces)
        places = [p for p in places if p not in blanks or not _holds_elements(translation, p)]
    found = (
        Finding(law="law 3", detail="differs without an entry in the ledger", wire=place)
        for place in places
    )
    return Judged(accepted=True, findings=tuple(found), written=written)


def law4(
    translation: Map, error: MessageRefusedError, values: Iterable[str]
) -> tuple[Finding, ...]:
    """A refusal names its places and no value that the document or message holds."""
    found = [_badly_placed(place) for place in error.places]
    findings = [finding for finding in found if finding is not None]
    if not error.places:
        findings.append(Finding(law="law 4", detail="a refusal names no place"))
    text = str(error)
    suspects = {value.strip() for value in values if _occurs(value.strip(), text)}
    known = _vocabulary(translation) if suspects else ""
    if any(value not in known for value in suspects):
        findings.append(
            Finding(
                law="law 4",
                detail="a refusal holds a value",
                pointer=error.places[0].pointer if error.places else None,
                wire=error.places[0].wire if error.places else None,
            )
        )
    return tuple(findings)


def law5_message(translation: Map, data: bytes, *, most: int | None = None) -> tuple[Finding, ...]:
    """Whatever is changed in a message changes the result, or is in the ledger, or is refused.

    Laws 2 and 3 hold for the changed message too, where it is accepted.

    Args:
        translation: The map.
        data: A message that it accepts.
        most: How many elements are tried, evenly spread; None: all.
    """
    base = translation.read(data)
    found: list[Finding] = []
    for mutation in wire_mutations(data, translation.namespaces, most=most):
        read = _read(translation, mutation.data)
        if isinstance(read, Judged):
            found += read.findings
            continue
        if read.document == base.document and not any(
            _is_named(mutation.wire, ledger) for ledger in (base.ledger, read.ledger)
        ):
            found.append(_unnoticed(mutation.kind, wire=mutation.wire))
        for law in (law2, law3):
            found += law(translation, mutation.data).findings
    return tuple(found)


def law5_document(
    translation: Map, document: Mapping[str, Any], *, most: int | None = None
) -> tuple[Finding, ...]:
    """Whatever is changed in a document changes what is written, or is refused.

    Args:
        translation: The map.
        document: A completed document that it accepts.
        most: How many places are tried, evenly spread; None: all.
    """
    base = translation.write(document)
    found: list[Finding] = []
    for mutation in document_mutations(dict(document), translation.schema, most=most):
        written = _written(translation, mutation.document)
        if isinstance(written, Judged):
            found += written.findings
        elif (written.data, written.kept) == (base.data, base.kept):
            found.append(_unnoticed(mutation.kind, pointer=mutation.pointer))
    return tuple(found)


def same_in_every_spelling(translation: Map, data: bytes) -> tuple[Finding, ...]:
    """Other prefixes, whitespace and the like change nothing that is said.

    Inside an opaque subtree they are part of what is said.
    """
    opaque = {r.place.pointer for r in translation.scope.everything() if isinstance(r, Opaque)}
    skipped = {pointer for pointer in opaque if pointer is not None}
    base = omit(translation.read(data).document, skipped)
    found: list[Finding] = []
    for name, varied in variations(data):
        read = _read(translation, varied)
        if isinstance(read, Judged):
            found.append(Finding(law="spelling", detail=f"is refused with {name}"))
        elif omit(read.document, skipped) != base:
            found.append(Finding(law="spelling", detail=f"says something else with {name}"))
    return tuple(found)


def _one_way(translation: Map, direction: str) -> set[str]:
    """Pointers of what travels in one direction only."""
    rules = translation.scope.everything()
    found = (rule for rule in rules if isinstance(rule, OneWay) and rule.only == direction)
    return {pointer for rule in found for pointer in rule.pointers()}


def _is_one_way(error: MessageRefusedError) -> bool:
    """Whether a document is refused only for what is read and never written."""
    return bool(error.places) and all(place.keyword == "one-way" for place in error.places)


def noted(ledger: Ledger) -> Iterator[Note]:
    """Every place of a ledger."""
    for notes in (
        ledger.dropped, ledger.normalised, ledger.defaulted, ledger.kept, ledger.leftovers
    ):  # fmt: skip
        yield from notes


def _holds_elements(translation: Map, wire: str) -> bool:
    """Whether the map enters the element at a path: blanks in it are no content then."""
    path = _NUMBERED.sub("", wire)
    for rule in translation.scope.everything():
        if isinstance(rule, Group | Each) and _REPEATED.sub("", rule.place.wire) == path:
            scope = rule.scope.scope if isinstance(rule.scope, LazyScope) else rule.scope
            return scope.text is None
    return False


def _read(translation: Map, data: bytes) -> Reading | Judged:
    try:
        return translation.read(data)
    except MalformedBodyError as error:
        return Judged(accepted=False, findings=law4(translation, error, ()))
    except MessageRefusedError as error:
        findings = law4(translation, error, strings(parse(data)))
        return Judged(accepted=False, findings=findings)


def _written(translation: Map, document: Mapping[str, Any]) -> Writing | Judged:
    try:
        return translation.write(document)
    except MessageRefusedError as error:
        return Judged(accepted=False, findings=law4(translation, error, _texts(document)))


def _refused(law: str, detail: str, error: MessageRefusedError) -> Iterator[Finding]:
    for place in error.places or [Place(keyword="", detail=error.detail)]:
        yield Finding(
            law=law, detail=f"{detail} ({place.keyword})", pointer=place.pointer, wire=place.wire
        )


def _unnoticed(kind: str, *, wire: str | None = None, pointer: str | None = None) -> Finding:
    detail = f"nothing comes of this change: {kind}"
    return Finding(law="law 5", detail=detail, wire=wire, pointer=pointer)


def _occurs(value: str, text: str) -> bool:
    """Whether a value stands in a text, as a word that is not one of plain prose."""
    if len(value) < _LEAST or value not in text or (value.isalpha() and value.islower()):
        return False
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _badly_placed(place: Place) -> Finding | None:
    known = place.pointer is not None or place.wire is not None
    # The syntax of a message is judged before it has places; "more" stands for further places.
    if not known and place.rule is None and place.keyword in ("required", "type", "order"):
        return Finding(law="law 4", detail="a refusal has neither pointer nor wire path")
    if place.pointer is not None and place.wire is not None and place.rule is None:
        return Finding(
            law="law 4", detail="the rule is missing", pointer=place.pointer, wire=place.wire
        )
    return None


def _is_named(wire: str, ledger: Ledger) -> bool:
    """Whether a place or one around it is in the ledger; repeats are not told apart."""
    wanted = _NUMBERED.sub("", wire)
    for note in noted(ledger):
        place = _NUMBERED.sub("", note.wire)
        if wanted == place or wanted.startswith(f"{place}/"):
            return True
    return False


def _unequal(before: Any, after: Any, pointer: str) -> Iterator[str]:
    """Pointers at which two values differ, in the place nearest to the difference."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from _unequal(before.get(key), after.get(key), f"{pointer}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from _unequal(left, right, f"{pointer}/{index}")
    elif before != after or type(before) is not type(after):
        yield pointer


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


@lru_cache(maxsize=4)  # asked for at thousands of refusals of one map
def _vocabulary(translation: Map) -> str:
    """Words that the map itself says: names, codes and constants are no content."""
    rules = list(translation.scope.everything())
    places = [f"{r.place.pointer} {r.place.wire} {r.place.rule}" for r in rules]
    constants = [rule.value for rule in rules if isinstance(rule, Const)]
    return " ".join([json.dumps(_names(translation.schema)), *places, *constants])


def _names(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        hidden = ("title", "description")
        return {
            key: _names(inner)
            for key, inner in schema.items()
            if not (key in hidden and isinstance(inner, str))
        }
    return [_names(inner) for inner in schema] if isinstance(schema, list) else schema
