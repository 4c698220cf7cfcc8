"""Value types: reading and printing undo each other."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.messaging.placeholder import is_attachment_id, placeholder_of
from gateway.translation.values import VALUE_TYPES, ValueBreachError

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")))
DAYS = st.dates(date(1, 1, 1)).map(str)
YEARS = st.integers(1, 9999).map(lambda year: f"{year:04}")
ZONES = st.sampled_from(["", "Z", "+01:00", "-13:59", "+14:00"])
TIMES = st.times().map(time.isoformat)
QUICK = settings(deadline=None, max_examples=60)  # a busy machine is no fault
DIGITS = st.text("0123456789", min_size=1)

CANONICAL: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT.map(VALUE_TYPES["text"].read),
    "code": TEXT.map(VALUE_TYPES["code"].read),
    "digits": DIGITS,
    "integer": st.integers(-(10**30), 10**30),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    "boolean": st.booleans(),
    "flag": st.just(value=True),
    "date": DAYS,
    "datetime": st.builds("{}T{}{}".format, DAYS, TIMES, ZONES),
    "time": st.builds("{}{}".format, TIMES, ZONES),
    "partialDate": YEARS | DAYS | DAYS.map(lambda day: day[:7]),
    "uuid": st.uuids().map(str),
    "attachment": st.uuids().map(str),
    "base64": st.binary().map(lambda raw: VALUE_TYPES["base64"].read(_encoded(raw))),
}


def _encoded(raw: bytes) -> str:
    import base64  # noqa: PLC0415 - only for these examples

    return base64.b64encode(raw).decode()


def test_every_type_is_tested() -> None:
    assert CANONICAL.keys() == VALUE_TYPES.keys()


@QUICK
@given(st.data())
@pytest.mark.parametrize("name", VALUE_TYPES)
def test_reading_undoes_printing(name: str, data: st.DataObject) -> None:
    value = data.draw(CANONICAL[name])
    kind = VALUE_TYPES[name]
    assert kind.read(kind.print(value)) == value


SPELLINGS = (
    TEXT
    | st.text("0123456789+-.:TZ eE\n\t", max_size=30)
    | st.sampled_from(
        [
            "true",
            "1",
            " 0 ",
            "007",
            "+5",
            "-0",
            "1.",
            ".5",
            "2025-02-30",
            "24:00:00",
            "QUI=\n",
            "a\rb",
        ]
    )
)


@QUICK
@given(SPELLINGS)
@pytest.mark.parametrize("name", VALUE_TYPES)
def test_printing_what_was_read_settles_or_the_text_is_refused(name: str, text: str) -> None:
    kind = VALUE_TYPES[name]
    try:
        value = kind.read(text)
    except ValueBreachError:
        return
    once = kind.print(value)
    assert kind.read(once) == value
    assert kind.print(kind.read(once)) == once


@QUICK
@given(st.one_of(st.none(), st.floats(), st.lists(st.integers()), st.dictionaries(TEXT, TEXT)))
@pytest.mark.parametrize("name", VALUE_TYPES)
def test_value_of_another_kind_is_not_printed(name: str, value: Any) -> None:
    with pytest.raises(ValueBreachError):
        VALUE_TYPES[name].print(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("integer", "1.0"),
        ("integer", "9" * 1001),
        ("integer", "\u0661"),
        ("digits", ""),
        ("digits", "\u0661"),
        ("decimal", "1e5"),
        ("decimal", "NaN"),
        ("boolean", "TRUE"),
        ("flag", "false"),
        ("date", "2025-02-30"),
        ("date", "2025-02-03Z"),
        ("datetime", "2025-02-03T25:00:00"),
        ("datetime", "2025-02-30T05:00:00"),
        ("datetime", "2025-02-03 05:00:00"),
        ("time", "25:00:00"),
        ("time", "5:00"),
        ("partialDate", "2025-13"),
        ("partialDate", "25"),
        ("uuid", "0" * 32),
        ("base64", "QQ="),
        ("base64", "Q!"),
    ],
)
def test_text_of_another_type_is_refused_without_being_named(name: str, text: str) -> None:
    with pytest.raises(ValueBreachError) as caught:
        VALUE_TYPES[name].read(text)
    if len(text) > 3:
        assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decimal", " 5"),
        ("decimal", "1_000"),
        ("digits", " 5"),
        ("date", "2025-02-03 "),
        ("uuid", "x"),
        ("code", "a  b"),
        ("integer", 10**1000),
        ("integer", True),
        ("flag", False),
    ],
)
def test_value_that_would_come_back_otherwise_is_not_printed(name: str, value: Any) -> None:
    with pytest.raises(ValueBreachError):
        VALUE_TYPES[name].print(value)


def test_blanks_of_a_code_are_those_of_xml() -> None:
    assert VALUE_TYPES["code"].read(" a\r\n b\tc ") == "a b c"
    assert VALUE_TYPES["code"].read(" a\u00a0b") == "a\u00a0b"


def test_offset_is_kept_as_written() -> None:
    for text in ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00.10+01:00"):
        assert VALUE_TYPES["datetime"].read(text) == text
    assert datetime(2025, 1, 1, tzinfo=UTC).isoformat() == VALUE_TYPES["datetime"].read(
        "2025-01-01T00:00:00+00:00"
    )


ATTACHMENT = "0c9a5a1e-0000-4000-8000-00000000000f"


def test_an_attachment_stands_in_the_wire_form_as_its_placeholder() -> None:
    kind = VALUE_TYPES["attachment"]
    text = kind.print(ATTACHMENT)
    assert text == placeholder_of(ATTACHMENT)
    assert kind.read(text) == ATTACHMENT
    assert kind.read(f" {text[:40]}\n{text[40:]} ") == ATTACHMENT


def test_content_itself_reads_as_an_id_made_of_it() -> None:
    read = VALUE_TYPES["attachment"].read
    assert read("aGVsbG8=") == read("aGVs bG8=") != read("aGVsbG8h")
    assert is_attachment_id(read("aGVsbG8="))


@pytest.mark.parametrize("value", [None, 7, "", ATTACHMENT.upper(), "aGVsbG8=", ATTACHMENT[:-1]])
def test_what_is_no_id_of_an_attachment_is_not_written(value: object) -> None:
    with pytest.raises(ValueBreachError):
        VALUE_TYPES["attachment"].print(value)


def test_what_is_no_base64_is_no_attachment() -> None:
    with pytest.raises(ValueBreachError):
        VALUE_TYPES["attachment"].read("no base64!")
