"""Bad calls of operations, one a row: what is sent, and what its caller must be told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.scenarios.bad_house import CLOSED, NOTICE_PATH, PERSONS_ONLY, SEARCH_PATH
from tests.scenarios.house import EXAMPLES
from tests.scenarios.marked import MARK, body_of, marked_search

LIMIT = 1_048_576
"""Bytes of a search, as its contract says."""

VALID = body_of(marked_search())
PADDED = VALID + b" " * (LIMIT - len(VALID))
"""As long as a search may be."""

Headers = Mapping[str, str | bytes | Sequence[str | bytes] | None]
"""Headers beside the usual ones; None leaves a usual one out, a sequence repeats one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BadCall:
    """One call that is refused.

    Attributes:
        status: Of the answer.
        code: Of the problem document.
        place: Part of a text that names the place: header, parameter, line.
        pointer: Of one of the places; None where the document is not to blame.
        headers: What differs from a good call.
        body: What is sent; a list is sent in chunks, without its length.
        path: Where it is sent.
        method: With which method.
        caller: Whose token it carries.
        fault: Whose fault it is.
        retryable: Whether the same call may succeed later.
        kept: Whether it is listed among its caller's refused calls: not where nobody knows yet who
            calls, and not where the operation is none of ours.
    """

    status: int
    code: str
    place: str = ""
    pointer: str | None = None
    headers: Headers = field(default_factory=dict)
    body: bytes | list[bytes] = VALID
    path: str = SEARCH_PATH
    method: str = "POST"
    caller: str = "office"
    fault: str = "caller"
    retryable: bool = False
    kept: bool = True


def unknown(path: str, place: str, code: str = "operation-unknown") -> BadCall:
    return BadCall(status=404, code=code, place=place, path=path, kept=False)


def nobody(*, kept: bool = False, **headers: Any) -> BadCall:
    return BadCall(
        status=401, code="not-authenticated", place="Authorization", headers=headers, kept=kept
    )


def header(name: str, value: str | bytes | Sequence[str | bytes], *, kept: bool = True) -> BadCall:
    return BadCall(status=400, code="header-invalid", place=name, headers={name: value}, kept=kept)


def media_type(name: str, value: str | bytes | None) -> BadCall:
    return BadCall(status=415, code="media-type-unsupported", place=name, headers={name: value})


def malformed(body: bytes, place: str = "line ") -> BadCall:
    return BadCall(status=400, code="body-malformed", place=place, body=body)


def wrong(pointer: str, place: str, document: Any) -> BadCall:
    body = document if isinstance(document, bytes) else body_of(document)
    return BadCall(status=422, code="schema-violation", place=place, pointer=pointer, body=body)


def denied(place: str, **more: Any) -> BadCall:
    return BadCall(status=403, code="permission-denied", place=place, **more)


def too_large(body: bytes | list[bytes]) -> BadCall:
    return BadCall(status=413, code="body-too-large", place=f"{LIMIT} bytes", body=body)


def with_search(**parts: Any) -> dict[str, Any]:
    """A search with other values below ``search``."""
    document = marked_search()
    document["search"].update(parts)
    return document


def with_number(text: bytes) -> bytes:
    """A search with a number as its file reference."""
    return body_of(marked_search(caseReference="NUMBER")).replace(b'"NUMBER"', text)


def free_search() -> dict[str, Any]:
    """A search that asks freely, as a caller sends it."""
    document = json.loads((EXAMPLES / "free-search-small.api.json").read_bytes())
    supplied = ("sender", "recipient", "messageId", "createdAt", "requestingAuthority")
    free = {name: value for name, value in document.items() if name not in supplied}
    free["region"].pop("listVersion", None)
    return {**free, "purpose": f"{MARK} purpose"}


ADDRESSED = {
    "unknown operation": unknown(f"/v1/residents/{MARK}", "/v1/residents/search"),
    "unknown version": unknown("/v7/residents/search", "/v1/residents/search"),
    "unknown version of a check": unknown("/v7/residents/search/check", "/v1/residents/search"),
    "unknown domain": unknown(f"/v1/{MARK}/search", "Path: the domains are residents, testing"),
    "slash at the end": unknown("/v1/residents/search/", "/v1/residents/search"),
    "unknown path": unknown(f"/{MARK}", "at this path", "path-unknown"),
    "no version": unknown("/residents/search", "at this path", "path-unknown"),
    "dots in the path": unknown(f"/v1/{MARK}/../residents/search", "at this path", "path-unknown"),
    "encoded dots": unknown("/v1/%2e%2e/v1/residents/search", "at this path", "path-unknown"),
    "encoded slash": unknown("/v1/residents%2Fsearch", "at this path", "path-unknown"),
    "two slashes": unknown("/v1//residents/search", "at this path", "path-unknown"),
    "other letters": unknown("/V1/residents/search", "at this path", "path-unknown"),
    "no character": unknown("/v1/residents/%FF%00", "/v1/residents/search"),
    "very long path": BadCall(
        status=431, code="head-too-large", place="Path", path="/" + MARK * 1000, kept=False
    ),
    "very long query": BadCall(
        status=431,
        code="head-too-large",
        place="Path",
        path=f"{SEARCH_PATH}?{MARK * 1000}",
        kept=False,
    ),
    **{
        f"method {method}": BadCall(
            status=405, code="method-not-allowed", place="method", method=method, kept=False
        )
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    },
    "very many headers": BadCall(
        status=431,
        code="head-too-large",
        place="headers",
        headers={f"X-{number}": MARK for number in range(300)},
        kept=False,
    ),
}

AUTHENTICATED = {
    "no token": nobody(Authorization=None),
    "empty token": nobody(Authorization="Bearer "),
    "unknown token": nobody(Authorization=f"Bearer {MARK}"),
    "other scheme": nobody(Authorization=f"Basic {MARK}"),
    "no scheme": nobody(Authorization=MARK),
    "token beyond ASCII": nobody(Authorization=f"Bearer {MARK}ä".encode()),
    "very long token": nobody(Authorization=f"Bearer {MARK * 1000}"),
    "two tokens": header("Authorization", [f"Bearer {MARK}", f"Bearer {MARK}"], kept=False),
    "another operation": denied(
        "Path", caller="clerk", path=NOTICE_PATH, headers={"Idempotency-Key": MARK}, body=b"{}"
    ),
    "another authority": denied("Recipient", headers={"Recipient": "ags:09162000"}),
    "no purpose": denied("Exchange-Purpose", caller="clerk"),
    "another purpose": denied(
        "Exchange-Purpose", caller="clerk", headers={"Exchange-Purpose": MARK}
    ),
    "another sender": BadCall(
        status=403,
        code="permission-denied",
        place="registered party",
        pointer="/sender/name",
        body=body_of(
            marked_search(sender={"id": "dbs:160990010000", "directory": "DVDV", "name": MARK})
        ),
    ),
}

HEADED = {
    "recipient without prefix": header("Recipient", MARK),
    "recipient too long": header("Recipient", f"ags:{MARK * 20}"),
    "recipient beyond ASCII": header("Recipient", f"ags:{MARK}ü".encode()),
    "empty recipient": header("Recipient", ""),
    "recipient twice": header("Recipient", ["ags:16099001", "ags:16099001"]),
    "purpose with a blank": header("Exchange-Purpose", f"{MARK} {MARK}"),
    "purpose too long": header("Exchange-Purpose", MARK * 11),
    "purpose twice": header("Exchange-Purpose", [MARK, MARK]),
    "case reference beyond ASCII": header("Case-Reference", f"{MARK}ß".encode()),
    "case reference too long": header("Case-Reference", MARK * 11),
    "key with a comma": header("Idempotency-Key", f"{MARK},{MARK}"),
    "key without its end": header("Idempotency-Key", f'"{MARK}'),
    "key too long": header("Idempotency-Key", MARK * 30),
    "empty key": header("Idempotency-Key", '""'),
    "key twice": header("Idempotency-Key", [MARK, MARK]),
    "no flag": header("Test-Message", MARK),
    "flag twice": header("Test-Message", ["true", "false"]),
    "no number of seconds": header("Prefer", f"wait={MARK}"),
    "negative wait": header("Prefer", "wait=-1"),
    "very long wait": header("Prefer", "wait=9999999"),
    "no content type": media_type("Content-Type", None),
    "other content type": media_type("Content-Type", f"text/{MARK}"),
    "form": media_type("Content-Type", "application/x-www-form-urlencoded"),
    "two content types": media_type("Content-Type", "application/json, text/plain"),
    "other charset": media_type("Content-Type", "application/json; charset=ISO-8859-1"),
    "compressed": media_type("Content-Encoding", "gzip"),
    "content type twice": header("Content-Type", ["application/json"] * 2),
    "no recipient": BadCall(
        status=422,
        code="recipient-missing",
        place="no header names it",
        pointer="/recipient/id",
        headers={"Recipient": None},
    ),
    "another recipient": BadCall(
        status=422,
        code="recipient-mismatch",
        place="header Recipient",
        pointer="/recipient/id",
        body=body_of(marked_search(recipient={"id": MARK})),
    ),
    "unknown recipient": BadCall(
        status=422, code="no-route", place="Recipient", headers={"Recipient": "ags:16000000"}
    ),
    "closed channel": BadCall(
        status=503,
        code="channel-closed",
        place="channel closed",
        headers={"Recipient": CLOSED},
        fault="configuration",
        retryable=True,
    ),
    "test message": BadCall(
        status=422,
        code="tests-not-taken",
        place="Test-Message",
        headers={"Test-Message": "true"},
    ),
    "submission without a key": BadCall(
        status=400,
        code="idempotency-key-missing",
        place="Idempotency-Key",
        path=NOTICE_PATH,
        body=body_of({"text": MARK}),
    ),
}

WRITTEN = {
    "no body": malformed(b"", "the body is empty"),
    "blanks": malformed(b"  \n "),
    "broken off": malformed(b'{"a": "' + MARK.encode()),
    "no JSON": malformed(b'{"a": ' + MARK.encode() + b"}"),
    "XML": malformed(b"<a>" + MARK.encode() + b"</a>"),
    "comment": malformed(b"{} // " + MARK.encode()),
    "single quotes": malformed(b"{'" + MARK.encode() + b"': 1}"),
    "comma at the end": malformed(b'{"' + MARK.encode() + b'": 1,}'),
    "two documents": malformed(b"{}{}"),
    "key twice": malformed(b'{"' + MARK.encode() + b'": 1, "' + MARK.encode() + b'": 1}'),
    "key twice, far inside": malformed(VALID.replace(b'"sex": {', b'"sex": {"code": "male", ')),
    "NaN": malformed(with_number(b"NaN")),
    "infinity": malformed(with_number(b"-Infinity")),
    "five thousand digits": malformed(with_number(b"7" * 5000)),
    "leading zero": malformed(with_number(b"007")),
    "no UTF-8": malformed(VALID.replace(MARK.encode(), MARK.encode() + b"\xff", 1)),
    "cut UTF-8": malformed(VALID.replace(MARK.encode(), MARK.encode() + b"\xe4\xb8", 1)),
    "encoded surrogate": malformed(
        VALID.replace(MARK.encode(), MARK.encode() + b"\xed\xa0\x80", 1)
    ),
    "lone surrogate": malformed(VALID.replace(MARK.encode(), MARK.encode() + rb"\ud800", 1)),
    "byte order mark": malformed(b"\xef\xbb\xbf" + VALID, "byte order mark"),
    "UTF-16": malformed(VALID.decode().encode("utf-16"), "byte order mark"),
    "control character": malformed(VALID.replace(MARK.encode(), MARK.encode() + b"\x01", 1)),
    "deep lists": malformed(b"[" * 10_000),
    "deep objects": malformed(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "very many values": malformed(b"[" + b"0," * 200_000 + b"0]", "values in"),
    "too large": too_large(PADDED + b" "),
    "much too large": too_large(b" " * (3 * LIMIT)),
    "too large, in chunks": too_large([PADDED, b" "]),
    "too large, in many chunks": too_large([MARK.encode() * 1000] * 200),
}

DOCUMENTED = {
    "no object": wrong("", "object", b"[]"),
    "text": wrong("", "object", b'"' + MARK.encode() + b'"'),
    "null": wrong("", "object", b"null"),
    "empty object": wrong("", "required", b"{}"),
    "unknown field": wrong("/typo", "unknown", marked_search(typo=MARK)),
    "unknown field, named like a person": wrong("", "unknown", marked_search(**{f"{MARK} A": 1})),
    "unknown field, inside": wrong("/search/typo", "unknown", with_search(typo=MARK)),
    "missing field": wrong("/search", "required", with_search() | {"search": {"by": "criteria"}}),
    "unknown code": wrong("/search/sex/code", "enum", with_search(sex={"code": MARK})),
    "unknown branch": wrong("/search/by", "", with_search(by=MARK)),
    "wrong type": wrong("/officer", "a string", marked_search(officer=[MARK])),
    "null for a text": wrong("/officer", "null", marked_search(officer=None)),
    "too long": wrong("/purpose", "maxLength", marked_search(purpose=MARK * 1000)),
    "no such day": wrong(
        "/search/dateOfBirth/date",
        "",
        with_search(dateOfBirth={"kind": "date", "date": "2026-02-30"}),
    ),
    "huge exponent": wrong("/caseReference", "number", with_number(b"1e400")),
    "huge integer": wrong("/caseReference", "an integer", with_number(str(2**70).encode())),
    "fraction": wrong("/caseReference", "number", with_number(b"0.1")),
    "character of no register": wrong(
        "/purpose", "U+4E2D at position 10", marked_search(purpose=f"{MARK}\u4e2d")
    ),
    "emoji": wrong(
        "/purpose", "U+1F600 at position 10", marked_search(purpose=f"{MARK}\U0001f600")
    ),
    "escaped control character": wrong("/purpose", "U+0001", marked_search(purpose=f"{MARK}\x01")),
    "escaped null": wrong("/purpose", "U+0000", marked_search(purpose=f"{MARK}\0")),
    "own message id": wrong(
        "/messageId",
        "supplie",
        marked_search(messageId="0c9a5a1e-0000-4000-8000-000000000001"),
    ),
    "recipient that is no text": BadCall(
        status=422,
        code="schema-violation",
        pointer="/recipient/id",
        headers={"Recipient": None},
        body=body_of(marked_search(recipient={"id": [MARK]})),
    ),
    "cannot be expressed": BadCall(
        status=422,
        code="not-expressible",
        place="No `when` of the manifest fits",
        pointer="",
        headers={"Recipient": PERSONS_ONLY},
        body=body_of(free_search()),
    ),
}

BAD_CALLS = {**ADDRESSED, **AUTHENTICATED, **HEADED, **WRITTEN, **DOCUMENTED}
