"""Value types: how text on the wire becomes a canonical value, and back.

Each type reads and prints; what reads and prints differently (``1`` for ``true``) is one value in
another spelling, which the ledger calls ``normalised``. Kept out: where values stand.
"""

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from gateway.messaging.placeholder import attachment_of, is_attachment_id, placeholder_of


class ValueBreachError(Exception):
    """A text or value is not of its type; names kind and length, never the value."""

    def __init__(self, keyword: str, detail: str) -> None:
        super().__init__(detail)
        self.keyword = keyword
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueType:
    """One value type.

    Attributes:
        name: As written in ``as:``.
        read: Wire text to canonical value; raises ``ValueBreachError``.
        print: Canonical value to wire text; raises ``ValueBreachError``.
        xsd: The XML Schema type a generated profile uses (W3C XML Schema 1.0 Part 2).
        is_text: Whether canonical value and wire text are the same string.
        is_exact: Quick test: the text is a value of the type that is printed the same. What it
            does not pass goes the long way through ``read``.
    """

    name: str
    read: Callable[[str], Any]
    print: Callable[[Any], str]
    xsd: str
    is_text: bool = False
    is_exact: Callable[[str], bool] = field(default=lambda _text: False)


_BLANKS = "\t\n\r "
_BLANK = re.compile(f"[{_BLANKS}]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z", re.ASCII)
_YEAR = re.compile(r"\d{4}\Z", re.ASCII)
_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?\Z"
_DATETIME = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?" + _ZONE, re.ASCII)
_TIME = re.compile(r"(\d{2}:\d{2}:\d{2})(\.\d+)?" + _ZONE, re.ASCII)
_INTEGER = re.compile(r"[-+]?\d+\Z", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)\Z", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_INTEGER_LENGTH = 1_000
_INTEGER_LIMIT = 10 ** (_INTEGER_LENGTH - 1)


def _not(kind: str, text: str) -> ValueBreachError:
    return ValueBreachError("type", f"Expected {kind}, found a text of {len(text)} characters.")


def _string(value: Any) -> str:
    if type(value) is not str:
        raise ValueBreachError("type", f"Expected a string, found {_kind(value)}.")
    return value


def _kind(value: Any) -> str:
    kinds = {bool: "a boolean", int: "a number", dict: "an object", list: "an array"}
    return kinds.get(type(value), "a value of another kind")


def _read_text(text: str) -> str:
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def _print_text(value: Any) -> str:
    return _string(value)


def _read_code(text: str) -> str:
    # XML Schema's token: only these four blanks are collapsed, a no-break space is a character.
    return _read_text(text if text.isalnum() else " ".join(_BLANK.split(text.strip(_BLANKS))))


def _read_digits(text: str) -> str:
    stripped = text.strip(_BLANKS)
    if not (stripped.isascii() and stripped.isdigit()):
        raise _not("digits only", text)
    return stripped


def _print_digits(value: Any) -> str:
    text = _string(value)
    if not (text.isascii() and text.isdigit()):
        raise _not("digits only", text)
    return text


def _read_integer(text: str) -> int:
    stripped = text.strip(_BLANKS)
    if not _INTEGER.match(stripped) or len(stripped) > _INTEGER_LENGTH:
        raise _not("an integer", text)
    return int(stripped)


def _print_integer(value: Any) -> str:
    if type(value) is not int:
        raise ValueBreachError("type", f"Expected an integer, found {_kind(value)}.")
    if abs(value) >= _INTEGER_LIMIT:
        raise ValueBreachError("type", f"The integer has more than {_INTEGER_LENGTH - 1} digits.")
    return str(value)


def _read_decimal(text: str) -> str:
    stripped = text.strip(_BLANKS)
    if not _DECIMAL.match(stripped):
        raise _not("a decimal number", text)
    return stripped


def _read_boolean(text: str) -> bool:
    stripped = text.strip(_BLANKS)
    if stripped in ("true", "1"):
        return True
    if stripped in ("false", "0"):
        return False
    raise _not("a boolean", text)


def _print_boolean(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise ValueBreachError("type", f"Expected a boolean, found {_kind(value)}.")


def _read_flag(text: str) -> bool:
    if not _read_boolean(text):
        raise ValueBreachError("fixed", "Expected the fixed value `true`.")
    return True


def _print_flag(value: Any) -> str:
    if value is not True:
        raise ValueBreachError("fixed", "Only `true` can be said here; leave the field out else.")
    return "true"


def _lexical(kind: str, check: Callable[[str], bool]) -> Callable[[str], str]:
    """A type whose value is the text itself, kept as written but for surrounding blanks."""

    def read(text: str) -> str:
        stripped = text.strip(_BLANKS)
        if not check(stripped):
            raise _not(kind, text)
        return stripped

    return read


def _printed(read: Callable[[str], str], kind: str) -> Callable[[Any], str]:
    def show(value: Any) -> str:
        text = _string(value)
        if read(text) != text:
            raise _not(f"{kind} without blanks around it", text)
        return text

    return show


def _is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_datetime(text: str) -> bool:
    match = _DATETIME.match(text)
    if not match:
        return False
    try:
        datetime.fromisoformat(f"{match[1]}T{match[2]}")
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    match = _TIME.match(text)
    if not match:
        return False
    try:
        time.fromisoformat(match[1])
    except ValueError:
        return False
    return True


def _is_partial_date(text: str) -> bool:
    return bool(_YEAR.match(text) or _MONTH.match(text)) or _is_date(text)


def _is_uuid(text: str) -> bool:
    return _UUID.match(text) is not None


def _read_base64(text: str) -> str:
    joined = "".join(text.split())
    try:
        raw = base64.b64decode(joined, validate=True)
    except (binascii.Error, ValueError):
        raise _not("base64", text) from None
    return base64.b64encode(raw).decode("ascii")


def _read_attachment(text: str) -> str:
    """The attachment of a placeholder; content itself stands as an id made of its SHA-256."""
    joined = _read_base64(text)
    known = attachment_of(joined)
    if known is not None:
        return known
    digest = hashlib.sha256(base64.b64decode(joined)).digest()
    return str(UUID(bytes=digest[:16], version=5))


def _print_attachment(value: Any) -> str:
    text = _string(value)
    if not is_attachment_id(text):
        raise _not("the id of an attachment", text)
    return placeholder_of(text)


def _is_plain_code(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _same(name: str, kind: str, check: Callable[[str], bool], xsd: str) -> ValueType:
    read = _lexical(kind, check)
    return ValueType(name=name, read=read, print=_printed(read, kind), xsd=xsd, is_exact=check)


VALUE_TYPES: dict[str, ValueType] = {
    value_type.name: value_type
    for value_type in (
        ValueType(
            name="text",
            read=_read_text,
            print=_print_text,
            xsd="string",
            is_text=True,
            is_exact=str.isascii,
        ),
        ValueType(
            name="code",
            read=_read_code,
            print=_printed(_read_code, "a code"),
            xsd="token",
            is_exact=_is_plain_code,
        ),
        ValueType(
            name="digits",
            read=_read_digits,
            print=_print_digits,
            xsd="token",
            is_exact=_is_digits,
        ),
        ValueType(name="integer", read=_read_integer, print=_print_integer, xsd="integer"),
        ValueType(
            name="decimal",
            read=_read_decimal,
            print=_printed(_read_decimal, "a decimal number"),
            xsd="decimal",
        ),
        ValueType(name="boolean", read=_read_boolean, print=_print_boolean, xsd="boolean"),
        ValueType(name="flag", read=_read_flag, print=_print_flag, xsd="boolean"),
        _same("date", "a calendar day", _is_date, "date"),
        _same("datetime", "a date and time", _is_datetime, "dateTime"),
        _same("time", "a time of day", _is_time, "time"),
        _same("partialDate", "a year, month or day", _is_partial_date, "string"),
        _same("uuid", "a UUID", _is_uuid, "token"),
        ValueType(
            name="base64",
            read=_read_base64,
            print=_printed(_read_base64, "base64"),
            xsd="base64Binary",
        ),
        ValueType(
            name="attachment",
            read=_read_attachment,
            print=_print_attachment,
            xsd="base64Binary",
        ),
    )
}
"""Every value type by the name that ``as:`` uses."""
