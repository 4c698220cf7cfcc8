"""Parse a caller's JSON body without losing or guessing anything.

Kept out: what the document must look like (``json_schema``) and how long a body may be (the HTTP
border). The parser's own messages quote property names, so none of them leaves this module.
"""

import re
from typing import TypeAlias

import jiter
from jiter import LosslessFloat

from gateway.errors import MalformedBodyError, Place

JsonValue: TypeAlias = (
    dict[str, "JsonValue"] | list["JsonValue"] | str | int | bool | LosslessFloat | None
)
"""A parsed document. Integers are exact at any size; a number with fraction or exponent stays the
text that was sent (``LosslessFloat``). No canonical schema accepts such a number, so a checked
document never holds one."""

MOST_VALUES = 50_000
"""Commas and opening brackets that any document may have."""

BYTES_PER_VALUE = 14
"""What a document of more values has for each at least; real ones have 16 and more. A mebibyte of
empty lists or one-digit numbers costs five times as much as a usual document."""

_PLACE = re.compile(r" at line (\d+) column (\d+)$")

# Openings of jiter's messages, each with our own words.
_KINDS = (
    ("Detected duplicate key", "duplicate-key", "an object names the same property twice"),
    ("invalid unicode code point", "encoding", "a string is not valid UTF-8"),
    ("lone leading surrogate", "encoding", "an escape is half of a surrogate pair"),
    ("unexpected end of hex escape", "encoding", "an escape is half of a surrogate pair"),
    ("control character", "control-character", "a string holds an unescaped control character"),
    ("invalid escape", "escape", "a string holds an unknown escape"),
    ("recursion limit exceeded", "depth", "the document is nested too deeply"),
    ("number out of range", "number", "a number has too many digits"),
    ("invalid number", "number", "a number is not written as JSON writes numbers"),
    ("trailing characters", "trailing", "more text follows the document"),
    ("trailing comma", "syntax", "a comma is followed by no value"),
    ("key must be a string", "syntax", "a property name is not a string"),
    ("EOF while parsing", "incomplete", "the document ends too early"),
)
_OTHER = ("syntax", "the text is not JSON")


def parse_json(body: bytes) -> JsonValue:
    """Return the document that ``body`` holds, exactly.

    Duplicate properties, invalid UTF-8, byte order marks, lone surrogates, ``NaN`` and comments are
    refused. Any top-level value is taken; whether it must be an object says the schema.

    Args:
        body: One JSON text in UTF-8 (RFC 8259), nested at most 200 levels, integers of at most
            4,300 digits; at most 50,000 values, or one for each 14 bytes.

    Raises:
        MalformedBodyError: The bytes are no such text; names the kind of fault, line and column.
    """
    _check_density(body)
    try:
        document: JsonValue = jiter.from_json(
            body,
            allow_inf_nan=False,
            cache_mode="keys",
            catch_duplicate_keys=True,
            float_mode="lossless-float",
        )
    except ValueError as error:
        raise _malformed(body, str(error)) from None
    return document


def _check_density(body: bytes) -> None:
    number = body.count(b",") + body.count(b"[") + body.count(b"{")
    if number > MOST_VALUES and number * BYTES_PER_VALUE > len(body):
        detail = f"{number} values in {len(body)} bytes are too many"
        place = Place(keyword="density", detail=detail)
        raise MalformedBodyError(f"the body is not taken: {detail}", places=[place])


def _malformed(body: bytes, message: str) -> MalformedBodyError:
    keyword, text = _kind(body, message)
    found = _PLACE.search(message)
    where = f"line {found[1]}, column {found[2]}" if found else "an unknown place"
    detail = f"{text}: {where} of {len(body)} bytes"
    place = Place(keyword=keyword, detail=detail)
    return MalformedBodyError(f"the body is not JSON: {detail}", places=[place])


def _kind(body: bytes, message: str) -> tuple[str, str]:
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return "encoding", "the body starts with a byte order mark; JSON is UTF-8 without one"
    if not body:
        return "incomplete", "the body is empty"
    for opening, keyword, text in _KINDS:
        if message.startswith(opening):
            return keyword, text
    return _OTHER
