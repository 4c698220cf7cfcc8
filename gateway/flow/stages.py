"""The forms of a message's content as the store keeps them.

The wire stages carry map, wire schema and ledger; the canonical stages are plain JSON.
"""

import json
from typing import Any

import orjson

from gateway.flow.directory import Read, Written
from gateway.messaging.message import Stage, StageKind
from gateway.messaging.ports import WireAnswer

JSON = "application/json"
XML = "application/xml"
UNKNOWN = "application/octet-stream"


def canonical_json(document: dict[str, Any]) -> bytes:
    """Print a document as UTF-8 JSON without blanks, properties in their order."""
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        # Integers of more than 64 bits: rare, exact in our parser, refused by orjson.
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def request_stages(written: Written) -> tuple[Stage, Stage]:
    """The completed request and its wire form."""
    canonical = Stage(
        kind=StageKind.CANONICAL_REQUEST, body=canonical_json(written.document), media_type=JSON
    )
    wire = Stage(
        kind=StageKind.WIRE_REQUEST,
        body=written.writing.data,
        media_type=XML,
        map_version=written.map.reference,
        wire_schema=written.map.wire_schema_source,
        ledger=written.writing.ledger.to_json(),
    )
    return canonical, wire


def answer_stages(answer: WireAnswer, read: Read) -> tuple[Stage, ...]:
    """The wire answer, what was kept beside its document if anything was, and the document."""
    wire = Stage(
        kind=StageKind.WIRE_ANSWER,
        body=answer.body,
        media_type=answer.content_type or XML,
        map_version=read.map.reference,
        wire_schema=read.map.wire_schema_source,
        ledger=read.reading.ledger.to_json(),
    )
    canonical = Stage(
        kind=StageKind.CANONICAL_ANSWER, body=canonical_json(read.reading.document), media_type=JSON
    )
    if not read.reading.kept:
        return wire, canonical
    kept = Stage(
        kind=StageKind.KEPT_ANSWER, body=canonical_json(read.reading.kept), media_type=JSON
    )
    return wire, kept, canonical


def kept_bytes(body: bytes, content_type: str | None) -> Stage:
    """An answer of the authority that nobody could read, exactly as it came."""
    return Stage(kind=StageKind.WIRE_ANSWER, body=body, media_type=content_type or UNKNOWN)


def later_answer(body: bytes, content_type: str | None) -> Stage:
    """An answer that came when its message had settled, exactly as it came."""
    return Stage(kind=StageKind.LATER_ANSWER, body=body, media_type=content_type or UNKNOWN)
