"""Tests of ``gateway.validation.json_document``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import LosslessFloat

from gateway.errors import MalformedBodyError
from gateway.validation.json_document import BYTES_PER_VALUE, MOST_VALUES, parse_json


def test_values_arrive_exactly() -> None:
    body = '{"name":"Ää\\u20ac","n":18446744073709551617,"l":[true,null,-3]}'.encode()
    expected = {"name": "Ää€", "n": 18446744073709551617, "l": [True, None, -3]}
    assert parse_json(body) == expected


@pytest.mark.parametrize("text", [b"1.10", b"1e400", b"1E5", b"-0.0", b"1.0", b"1e9999999999999"])
def test_number_with_fraction_or_exponent_keeps_its_text(text: bytes) -> None:
    number = parse_json(text)
    assert isinstance(number, LosslessFloat)
    assert bytes(number) == text


@pytest.mark.parametrize(
    ("body", "keyword"),
    [
        (b'{"SECRET":1,"SECRET":2}', "duplicate-key"),
        (b'{"a":{"SECRET":1,"\\u0053ECRET":2}}', "duplicate-key"),
        (b'{"a":"SECRET\xff"}', "encoding"),
        (b"\xef\xbb\xbf{}", "encoding"),
        ("{}".encode("utf-16"), "encoding"),
        (b'{"a":"SECRET\\ud800"}', "encoding"),
        (b'"\\udc00"', "encoding"),
        (b'{"a":"SECRET\x01"}', "control-character"),
        (b'["\\SECRET"]', "escape"),
        (b"[" * 300 + b"]" * 300, "depth"),
        (b"1" * 5000, "number"),
        (b"01", "number"),
        (b"{}SECRET", "trailing"),
        (b'{"a":1,}', "syntax"),
        (b"{SECRET:1}", "syntax"),
        (b"NaN", "syntax"),
        (b"Infinity", "syntax"),
        (b"// SECRET\n{}", "syntax"),
        (b'{"SECRET"', "incomplete"),
        (b"", "incomplete"),
    ],
)
def test_anything_else_is_refused_without_content(body: bytes, keyword: str) -> None:
    with pytest.raises(MalformedBodyError) as caught:
        parse_json(body)
    assert [place.keyword for place in caught.value.places] == [keyword]
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_refusal_names_line_and_column() -> None:
    with pytest.raises(MalformedBodyError, match="line 2, column 4 of 12 bytes"):
        parse_json(b'{"a":1,\n"b"}')


def test_many_values_need_bytes() -> None:
    few = b"[" + b",".join([b"1"] * MOST_VALUES) + b"]"
    assert len(few) < MOST_VALUES * BYTES_PER_VALUE
    assert parse_json(few) == [1] * MOST_VALUES
    with pytest.raises(MalformedBodyError) as caught:
        parse_json(b"[" + few + b"]")
    assert caught.value.places[0].keyword == "density"
    long = b"1" * (BYTES_PER_VALUE - 1)
    assert parse_json(b"[" + b",".join([long] * (MOST_VALUES + 9)) + b"]")


@given(st.binary(max_size=40))
def test_any_bytes_give_a_document_or_a_refusal(body: bytes) -> None:
    try:
        parse_json(body)
    except MalformedBodyError as error:
        assert error.places  # noqa: PT017 - both outcomes are right
