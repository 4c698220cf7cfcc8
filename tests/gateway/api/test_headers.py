"""Reading the headers of a call."""

from datetime import timedelta

import pytest

from gateway.api.headers import collect, read_call_headers, require_json
from gateway.errors import (
    HeaderInvalidError,
    UnsupportedMediaTypeError,
)

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_no_header_at_all_asks_for_nothing_special() -> None:
    read = read_call_headers({})
    assert (read.recipient, read.purpose, read.case_reference) == (None, None, None)
    assert (read.test, read.traceparent) == (False, None)
    assert (read.preference.respond_async, read.preference.wait) == (False, None)


@pytest.mark.parametrize("value", ["ags:09162000", "dbs:060030010000", "ars:091620000000"])
def test_recipients_carry_their_scheme(value: str) -> None:
    assert read_call_headers({"recipient": value}).recipient == value


@pytest.mark.parametrize(
    "headers",
    [
        {"recipient": "09162000"},
        {"recipient": ""},
        {"recipient": "ags:09162000, ags:09162001"},
        {"recipient": "ags:09162000\n"},
        {"exchange-purpose": "a b"},
        {"case-reference": "ä"},
        {"case-reference": "x" * 101},
        {"test-message": "1"},
        {"prefer": "wait"},
        {"prefer": "wait=-1"},
        {"prefer": "wait=1.5"},
        {"prefer": "wait=٣"},
    ],
)
def test_what_cannot_be_understood_is_refused_without_its_value(headers: dict[str, str]) -> None:
    with pytest.raises(HeaderInvalidError) as caught:
        read_call_headers(headers)
    assert caught.value.places[0].keyword in ("pattern", "enum")
    assert all(value not in str(caught.value) for value in headers.values() if len(value) > 4)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ('"8e03978e"', "8e03978e"),
        (r'"a b\"\\"', 'a b"\\'),
        ("a" * 255, "a" * 255),
    ],
)
def test_an_idempotency_key_may_be_quoted(header: str, key: str) -> None:
    assert read_call_headers({"idempotency-key": header}).idempotency_key == key


@pytest.mark.parametrize("header", ["", '""', "a b", "a,b", '"a', "a" * 256, "ä", '"a"; b=1'])
def test_an_idempotency_key_of_another_form_is_refused(header: str) -> None:
    with pytest.raises(HeaderInvalidError, match="Idempotency-Key"):
        read_call_headers({"idempotency-key": header})


@pytest.mark.parametrize(
    ("header", "respond_async", "seconds"),
    [
        ("respond-async", True, None),
        ("wait=10", False, 10),
        ("respond-async, wait=0", True, 0),
        ("WAIT = 5 ; x=1,Respond-Async", True, 5),
        ("wait=1, wait=2", False, 1),
        ('wait="7"', False, 7),
        ("return=minimal, handling=strict", False, None),
    ],
)
def test_preferences_follow_their_standard(
    header: str, *, respond_async: bool, seconds: int | None
) -> None:
    preference = read_call_headers({"prefer": header}).preference
    assert preference.respond_async is respond_async
    assert preference.wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("value", ["", "x", TRACE.replace("00-4", "ff-4"), TRACE.upper()])
def test_a_broken_trace_starts_a_new_one(value: str) -> None:
    assert read_call_headers({"traceparent": value}).traceparent is None


def test_a_trace_is_kept() -> None:
    assert read_call_headers({"traceparent": TRACE}).traceparent == TRACE


def test_two_recipients_are_refused() -> None:
    with pytest.raises(HeaderInvalidError, match="Recipient"):
        collect([(b"recipient", b"ags:1"), (b"recipient", b"ags:2")])


def test_lists_may_be_sent_in_parts() -> None:
    raw = [(b"prefer", b"respond-async"), (b"prefer", b"wait=3")]
    assert collect(raw) == {"prefer": "respond-async, wait=3"}


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"'],
)
def test_json_in_utf8_is_taken(content_type: str) -> None:
    require_json({"content-type": content_type})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_everything_else_is_not(headers: dict[str, str]) -> None:
    with pytest.raises(UnsupportedMediaTypeError) as caught:
        require_json(headers)
    (place,) = caught.value.places
    assert place.keyword == (
        "content-encoding" if "content-encoding" in headers else "content-type"
    )
