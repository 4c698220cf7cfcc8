"""Codes and words."""

from typing import Any

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from gateway.translation.content import Codes, Content
from gateway.translation.values import VALUE_TYPES, ValueBreachError
from tests.gateway.translation.making import STR, Maker, obj, refused, wire, written

SEX = "codes: { m: male, M: male, w: female }, preferred: { male: m }"


def test_codes_stand_for_words(make: Maker) -> None:
    compiled = make(f"  - {{ api: s, wire: s, as: code, {SEX} }}\n", obj(s=STR))
    reading = compiled.read(wire("<s>M</s>"))
    assert reading.document == {"s": "male"}
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/s"]
    assert compiled.read(wire("<s>m</s>")).ledger.normalised == ()
    assert written(compiled, {"s": "male"}) == "<s>m</s>"


def test_unknown_code_and_unknown_word_are_refused(make: Maker) -> None:
    compiled = make(f'  - {{ api: s, wire: "@s", as: code, {SEX} }}\n', obj(s=STR))
    with pytest.raises(SchemaViolationError) as reading:
        compiled.read(wire(attributes='s="geheim"'))
    with pytest.raises(NotExpressibleError) as writing:
        compiled.write({"s": "geheim"})
    assert refused(reading.value) == refused(writing.value) == ("code", "/s", "/x:m/@s")
    assert "geheim" not in f"{reading.value}{writing.value}"


FALLBACK = "  - { api: s, wire: s, as: code, codes: { m: male }, fallback: other }\n"
OTHER = obj(s=obj("original", code=STR, original=STR))


@pytest.mark.parametrize(
    ("text", "value"), [("m", {"code": "male"}), ("Q7", {"code": "other", "original": "Q7"})]
)
def test_fallback_keeps_the_original_code(make: Maker, text: str, value: dict[str, str]) -> None:
    compiled = make(FALLBACK, OTHER)
    assert compiled.read(wire(f"<s>{text}</s>")).document == {"s": value}
    assert written(compiled, {"s": value}) == f"<s>{text}</s>"


@pytest.mark.parametrize(
    "value",
    [
        {"code": "other", "original": "m"},
        {"code": "other"},
        {"code": "male", "original": "m"},
        {"code": "female"},
    ],
)
def test_object_that_would_be_read_otherwise_is_not_written(
    make: Maker, value: dict[str, str]
) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        make(FALLBACK, OTHER).write({"s": value})
    assert refused(caught.value) == ("code", "/s", "/x:m/s")


@pytest.mark.parametrize("value", [5, None, "male", ["m"]])
def test_value_of_another_kind_is_refused(value: Any) -> None:
    content = Content(VALUE_TYPES["code"], Codes({"m": "male"}, {}, "other"))
    with pytest.raises(ValueBreachError):
        content.print(value)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("codes: { m: male, M: male }", "preferred"),
        ("codes: { m: male, M: male }, fallback: x", "preferred"),
        ("codes: { m: male, w: female }, preferred: { male: w }", "one of the codes"),
        ("codes: { m: male }, preferred: { female: w }", "one of the codes"),
        ("codes: { m: male }, fallback: male", "fallback"),
        ("codes: [ m ]", "mapping"),
        ("codes: { m: [ a ] }", "text"),
        ("codes: { m: male }, preferred: [ m ]", "mapping"),
        ("fallback: other", "go with"),
    ],
)
def test_tables_that_cannot_be_reversed_are_faults(make: Maker, keys: str, words: str) -> None:
    faults = make.faults(f"  - {{ api: s, wire: s, as: code, {keys} }}\n", obj(s=STR))
    assert any(words in fault.detail for fault in faults)


def test_codes_are_texts(make: Maker) -> None:
    rules = "  - { api: s, wire: s, as: integer, codes: { 1: male } }\n"
    assert make.faults(rules, obj(s=STR))
