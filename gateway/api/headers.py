"""Read the headers of a call. What is present and cannot be understood is refused, never ignored.

One exception, by its standard: a ``traceparent`` that cannot be parsed starts a new trace.

Source: RFC 7240 (Prefer), RFC 9110 §5.3 (repeated fields), W3C Trace Context §3.2 (traceparent),
draft-ietf-httpapi-idempotency-key-header-07 (Idempotency-Key).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.errors import HeaderInvalidError, Place, UnsupportedMediaTypeError

RECIPIENT = re.compile(r"[a-z][a-z0-9]{1,15}:[A-Za-z0-9._-]{1,100}", re.ASCII)
PURPOSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}", re.ASCII)
CASE_REFERENCE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,98}[\x21-\x7e])?", re.ASCII)
IDEMPOTENCY_KEY = re.compile(
    r"[!#-+\--\[\]-~]{1,255}|\"(?:[ !#-\[\]-~]|\\[\"\\]){1,255}\"", re.ASCII
)
"""A Structured Field string (RFC 9651 §3.3.3), or the same characters without quotation marks; bare
ones hold no comma either, which would join two headers."""
TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
WAIT = re.compile(r"[0-9]{1,6}", re.ASCII)

SINGLE = frozenset(
    {
        "authorization",
        "content-type",
        "content-encoding",
        "recipient",
        "exchange-purpose",
        "case-reference",
        "idempotency-key",
        "test-message",
    }
)
"""Headers of which only one may be sent: of two different ones either could be meant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preference:
    """What the caller prefers; ``wait`` None leaves it to the operation's deadline."""

    respond_async: bool = False
    wait: timedelta | None = None


NO_PREFERENCE = Preference()


@dataclass(frozen=True, kw_only=True, slots=True)
class CallHeaders:
    """What the headers of a call say about the message."""

    recipient: str | None
    purpose: str | None
    case_reference: str | None
    test: bool
    traceparent: str | None
    preference: Preference
    idempotency_key: str | None


def collect(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; those of one name are joined with a comma.

    Raises:
        HeaderInvalidError: One is repeated that may stand once only.
    """
    headers: dict[str, str] = {}
    for name_bytes, value_bytes in raw:
        name, value = name_bytes.decode("latin-1"), value_bytes.decode("latin-1").strip()
        if name not in headers:
            headers[name] = value
        elif name in SINGLE:
            raise invalid_header(name, "repeated", "Sent more than once.")
        else:
            headers[name] = f"{headers[name]}, {value}"
    return headers


def read_call_headers(headers: Mapping[str, str]) -> CallHeaders:
    """Read what the headers say about the message.

    Raises:
        HeaderInvalidError: One is present and cannot be understood.
    """
    return CallHeaders(
        recipient=_matching(headers, "recipient", RECIPIENT),
        purpose=_matching(headers, "exchange-purpose", PURPOSE),
        case_reference=_matching(headers, "case-reference", CASE_REFERENCE),
        test=_flag(headers, "test-message"),
        traceparent=_traceparent(headers),
        preference=_preference(headers["prefer"]) if "prefer" in headers else NO_PREFERENCE,
        idempotency_key=_key(headers),
    )


def require_json(headers: Mapping[str, str]) -> None:
    """Check that the body is announced as plain JSON in UTF-8.

    Raises:
        UnsupportedMediaTypeError: Another type, no type, another charset, or a coding.
    """
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != "application/json":
        raise _media_type("Content-Type", "The operation takes application/json.")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in ("", "utf-8"):
        raise _media_type("Content-Type", "The operation takes application/json in UTF-8 only.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise _media_type("Content-Encoding", "The operation takes no compressed body.")


def _matching(headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str | None:
    value = headers.get(name)
    if value is not None and pattern.fullmatch(value) is None:
        raise invalid_header(
            name, "pattern", f"Not of its form; {len(value)} characters were sent."
        )
    return value


def _key(headers: Mapping[str, str]) -> str | None:
    """The key, of which most clients leave out the quotation marks that the draft asks for."""
    value = _matching(headers, "idempotency-key", IDEMPOTENCY_KEY)
    if value is None or not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1])


def _flag(headers: Mapping[str, str], name: str) -> bool:
    value = headers.get(name)
    if value is None:
        return False
    value = value.lower()
    if value not in ("true", "false"):
        raise invalid_header(name, "enum", "Send `true`, `false`, or leave it out.")
    return value == "true"


def _traceparent(headers: Mapping[str, str]) -> str | None:
    value = headers.get("traceparent")
    return value if value is not None and TRACEPARENT.fullmatch(value) else None


def _preference(header: str) -> Preference:
    """Of a preference sent twice the first counts; unknown ones are to be ignored (RFC 7240 §2)."""
    wanted: dict[str, str] = {}
    for entry in header.split(","):
        name, _, value = entry.partition(";")[0].partition("=")
        wanted.setdefault(name.strip().lower(), value.strip().strip('"'))
    wait = wanted.get("wait")
    if wait is not None and WAIT.fullmatch(wait) is None:
        raise invalid_header("prefer", "pattern", "`wait` is a whole number of seconds.")
    return Preference(
        respond_async="respond-async" in wanted,
        wait=None if wait is None else timedelta(seconds=int(wait)),
    )


def _media_type(header: str, detail: str) -> UnsupportedMediaTypeError:
    keyword = header.lower()
    return UnsupportedMediaTypeError(
        detail, places=[Place(keyword=keyword, detail=f"{header}: {detail}")]
    )


def invalid_header(name: str, keyword: str, detail: str) -> HeaderInvalidError:
    """The refusal of a header, by its lower-case name."""
    shown = "-".join(part.capitalize() for part in name.split("-"))
    return HeaderInvalidError(
        f"The header {shown} cannot be understood.",
        places=[Place(keyword=keyword, detail=f"{shown}: {detail}")],
    )
