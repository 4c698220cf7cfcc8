"""Several texts in one wire node."""

import pytest

from gateway.errors import MessageRefusedError
from tests.gateway.translation.making import STR, Maker, obj, refused, wire, written

RULES = """
  - { join: [a, b, c], separator: "/", wire: "@ref", optional: true, lastOptional: true }
  - { join: [deep.x, deep.y], separator: ", ", wire: n, optional: true }
"""
SCHEMA = obj("a b c deep", a=STR, b=STR, c=STR, deep=obj(x=STR, y=STR))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"a": "1", "b": "2", "c": "3"}, ' ref="1/2/3">'),
        ({"a": "1", "b": "2"}, ' ref="1/2">'),
        ({"deep": {"x": "Weg", "y": "1"}}, "<n>Weg, 1</n>"),
        ({}, ""),
    ],
)
def test_parts_travel_together_and_come_back_apart(
    make: Maker, document: dict[str, object], text: str
) -> None:
    compiled = make(RULES, SCHEMA)
    assert written(compiled, document) == text
    assert compiled.read(compiled.write(document).data).document == document


@pytest.mark.parametrize(
    ("document", "keyword", "pointer"),
    [
        ({"a": "1", "b": "2/3"}, "join", "/b"),
        ({"a": "1", "b": ""}, "join", "/b"),
        ({"a": "1", "c": "3"}, "required", "/b"),
        ({"b": "2"}, "required", "/a"),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(
    make: Maker, document: dict[str, object], keyword: str, pointer: str
) -> None:
    with pytest.raises(MessageRefusedError) as caught:
        make(RULES, SCHEMA).write(document)
    assert refused(caught.value) == (keyword, pointer, "/x:m/@ref")


@pytest.mark.parametrize("text", ["1", "1/2/3/4", "1//3", "/2", ""])
def test_another_number_of_parts_is_refused(make: Maker, text: str) -> None:
    with pytest.raises(MessageRefusedError) as caught:
        make(RULES, SCHEMA).read(wire("", f"ref='{text}'"))
    assert refused(caught.value) == ("join", "", "/x:m/@ref")


def test_parts_in_the_own_text_of_an_element(make: Maker) -> None:
    rule = '  - { join: [a, b], separator: "-", wire: "." }\n'
    compiled = make(rule, obj(a=STR, b=STR))
    assert written(compiled, {"a": "1", "b": "2"}) == "1-2"
    assert compiled.read(wire("1-2")).document == {"a": "1", "b": "2"}


def test_another_spelling_is_in_the_ledger(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    reading = compiled.read(wire("<n>A\u030a, 1</n>"))
    assert reading.document == {"deep": {"x": "\u00c5", "y": "1"}}
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/n"]


def test_two_rules_may_not_fill_one_part(make: Maker) -> None:
    rules = '  - { join: [a, b], separator: "-", wire: n }\n  - { api: b, wire: o }\n'
    (fault,) = make.faults(rules, obj(a=STR, b=STR))
    assert "fills the same" in fault.detail


@pytest.mark.parametrize(
    "rule",
    [
        '{ join: [a, b], separator: "", wire: n }',
        '{ join: [a], separator: "/", wire: n }',
        '{ join: [a, nowhere], separator: "/", wire: n }',
        '{ join: a, separator: "/", wire: n }',
        '{ join: [a, b], separator: "/", wire: n, as: date }',
    ],
)
def test_misuse_is_a_fault_of_the_map(make: Maker, rule: str) -> None:
    assert make.faults(f"  - {rule}\n", obj(a=STR, b=STR))[0].rule == "test.map.yaml:11"


@pytest.mark.parametrize(
    ("separator", "first", "second"),
    [("--", "a-", "b"), ("=", "a", "\u0338b")],
    ids=["part of the separator", "mark that changes the separator"],
)
def test_a_part_that_runs_into_the_separator_is_refused(
    make: Maker, separator: str, first: str, second: str
) -> None:
    rules = f'  - {{ join: [a, b], wire: n, separator: "{separator}" }}\n'
    with pytest.raises(MessageRefusedError) as caught:
        make(rules, obj(a=STR, b=STR)).write({"a": first, "b": second})
    assert refused(caught.value) == ("join", "/a", "/x:m/n")
