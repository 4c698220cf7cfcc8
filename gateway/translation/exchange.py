"""One operation at one adapter: which map speaks when, in both directions.

Writing chooses the map by the canonical document (``when``), reading by the wire root.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import NotExpressibleError, Place, SchemaViolationError
from gateway.translation.map import Map, Reading, Writing
from gateway.validation.xml_document import parse_message


@dataclass(frozen=True, kw_only=True, slots=True)
class Choosable:
    """A map and the canonical fields that select it; no fields: always."""

    map: Map
    when: Mapping[str, Any]

    def takes(self, document: Mapping[str, Any]) -> bool:
        """Whether the document's top-level fields have the values asked for."""
        return all(document.get(key) == value for key, value in self.when.items())

    def is_left_open(self, document: Mapping[str, Any]) -> bool:
        """Whether the document names none of these fields; the first map then speaks."""
        return self.when.keys().isdisjoint(document)


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A completed document, its wire form, and the map that made it."""

    document: dict[str, Any]
    writing: Writing
    map: Map


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What a wire message says, and the map that read it."""

    reading: Reading
    map: Map


class Exchange:
    """The maps of one operation at one adapter.

    Attributes:
        requests: Maps of the request, tried in order.
        answers: Maps of the answer.
        trial_numbers: The largest number of each sequence that a request may need, by its supplied
            name: what fits with these fits with all others.
        answer_numbers: Fields of answers that hold numbers of sequences.
    """

    def __init__(self, requests: Sequence[Choosable], answers: Sequence[Choosable]) -> None:
        self.requests = tuple(requests)
        self.answers = tuple(answers)
        self.trial_numbers = {
            field.supply: field.last for request in self.requests for field in request.map.sequences
        }
        self.answer_numbers = tuple(
            field for answer in self.answers for field in answer.map.sequences
        )

    def write_request(self, document: Mapping[str, Any], supplies: Mapping[str, Any]) -> Written:
        """Complete and translate a request; errors as ``Map.write``."""
        return _write(self.requests, document, supplies)

    def read_request(self, data: bytes) -> Read:
        """Read a request as the authority does; errors as ``Map.read``."""
        return _read(self.requests, data)

    def write_answer(self, document: Mapping[str, Any], supplies: Mapping[str, Any]) -> Written:
        """Complete and translate an answer as the authority does; errors as ``Map.write``."""
        return _write(self.answers, document, supplies)

    def read_answer(self, data: bytes) -> Read:
        """Read an answer; errors as ``Map.read``."""
        return _read(self.answers, data)


def choose_by_root(maps: Sequence[Map], data: bytes) -> Map:
    """The map that reads messages with this root element.

    Raises:
        MalformedBodyError: Not the XML that is taken.
        SchemaViolationError: No map reads such messages.
    """
    return _by_root(maps, parse_message(data).root.tag)


def _by_root(maps: Sequence[Map], tag: object) -> Map:
    for candidate in maps:
        if candidate.root == tag:
            return candidate
    raise SchemaViolationError(
        "No map of this adapter reads such a message.",
        places=[
            Place(
                keyword="root",
                detail=f"Known root elements: {', '.join(_local(m.root) for m in maps)}.",
                wire="/*",
            )
        ],
    )


def _write(
    candidates: Sequence[Choosable], document: Mapping[str, Any], supplies: Mapping[str, Any]
) -> Written:
    if candidates[0].is_left_open(document):
        document = {**document, **candidates[0].when}
    for candidate in candidates:
        if candidate.takes(document):
            completed = candidate.map.complete(document, supplies)
            return Written(
                document=completed, writing=candidate.map.write(completed), map=candidate.map
            )
    raise NotExpressibleError(
        "No map of this adapter writes such a document.",
        places=[Place(keyword="when", detail="No `when` of the manifest fits.", pointer="")],
    )


def _read(candidates: Sequence[Choosable], data: bytes) -> Read:
    if len(candidates) == 1:
        only = candidates[0].map
        return Read(reading=only.read(data), map=only)
    parsed = parse_message(data)
    chosen = _by_root([candidate.map for candidate in candidates], parsed.root.tag)
    return Read(reading=chosen.read_parsed(parsed, data), map=chosen)


def _local(name: str) -> str:
    return name.rsplit("}", maxsplit=1)[-1]
