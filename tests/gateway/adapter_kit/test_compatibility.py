"""What breaks callers, and what does not."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from gateway.adapter_kit.compatibility import Side, breaking_changes
from gateway.validation import shipped_schemas

Json = dict[str, Any]

SEARCH = shipped_schemas() / "residents" / "search" / "v1"
TEXT: Json = {"type": "string", "maxLength": 10}


def record(*required: str, **properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


def told(old: Json, new: Json, side: Side) -> list[str]:
    return [str(change) for change in breaking_changes(old, new, side=side)]


@pytest.mark.parametrize(
    ("old", "new", "request_breaks", "answer_breaks"),
    [
        pytest.param(record(a=TEXT), record(a=TEXT, b=TEXT), None, None, id="a new field"),
        pytest.param(
            record(a=TEXT), record(), "/a: was removed", "/a: was removed", id="a field that went"
        ),
        pytest.param(record(), record("b", b=TEXT), "/b: became required", None, id="a duty"),
        pytest.param(
            record("a", a=TEXT), record(a=TEXT), None, "/a: may be absent", id="a duty that went"
        ),
        pytest.param(
            record(),
            record("b", b=TEXT | {"x-supplied": "message.id"}),
            None,
            None,
            id="a duty of the gateway",
        ),
        pytest.param(
            record("a", a=TEXT | {"x-supplied": "message.id"}),
            record("a", a=TEXT),
            "/a: became required",
            None,
            id="a duty handed to the caller",
        ),
        pytest.param(
            {"enum": ["a"]},
            {"enum": ["a", "b"]},
            None,
            "/: the value 'b' is new",
            id="a new word",
        ),
        pytest.param(
            {"enum": ["a", "b"]},
            {"const": "a"},
            "/: the value 'b' was removed",
            None,
            id="a word that went",
        ),
        pytest.param(
            {}, {"enum": ["a"]}, "/: the list of values is new", None, id="words instead of any"
        ),
        pytest.param(
            TEXT,
            {"type": ["string", "null"], "maxLength": 10},
            None,
            "/: the type null is new",
            id="null",
        ),
        pytest.param(
            TEXT, TEXT | {"maxLength": 9}, "/: maxLength changed from 10 to 9", None, id="shorter"
        ),
        pytest.param(
            TEXT, TEXT | {"maxLength": 11}, None, "/: maxLength changed from 10 to 11", id="longer"
        ),
        pytest.param(TEXT, {"type": "string"}, None, "/: maxLength is gone", id="any length"),
        pytest.param(TEXT, TEXT | {"minLength": 1}, "/: minLength is new", None, id="not empty"),
        pytest.param(
            {"minItems": 1}, {"minItems": 0}, None, "/: minItems changed from 1 to 0", id="empty"
        ),
        pytest.param(
            TEXT | {"pattern": "a"},
            TEXT | {"pattern": "b"},
            "/: pattern changed",
            "/: pattern changed",
            id="another form",
        ),
        pytest.param(
            TEXT,
            TEXT | {"x-repertoire": "din-91379-a"},
            "/: x-repertoire is new",
            None,
            id="fewer characters",
        ),
        pytest.param(
            record() | {"additionalProperties": False},
            record(),
            None,
            "/: additionalProperties is gone",
            id="open",
        ),
        pytest.param({"items": TEXT}, {}, None, "/: items is gone", id="any items"),
        pytest.param(
            {"items": record(a=TEXT)},
            {"items": record()},
            "/*/a: was removed",
            "/*/a: was removed",
            id="below an array",
        ),
        pytest.param(
            {"not": TEXT},
            {},
            "/: not changed; nobody knows what that does",
            "/: not changed; nobody knows what that does",
            id="a keyword outside the subset",
        ),
        pytest.param(
            TEXT | {"title": "A", "description": "B"}, TEXT, None, None, id="other words about it"
        ),
    ],
)
def test_what_breaks_callers_depends_on_the_side(
    old: Json, new: Json, request_breaks: str | None, answer_breaks: str | None
) -> None:
    assert told(old, new, "request") == ([request_breaks] if request_breaks else [])
    assert told(old, new, "answer") == ([answer_breaks] if answer_breaks else [])


def test_alternatives_are_known_by_their_constants() -> None:
    cat = record("kind", kind={"const": "cat"}, name=TEXT)
    dog = record("kind", kind={"const": "dog"}, name=TEXT)
    old, new = {"oneOf": [cat, dog]}, {"oneOf": [record("kind", kind={"const": "dog"})]}
    gone = "/: the alternative kind=cat was removed"
    assert told(old, new, "request") == [gone, "/name: was removed"]
    assert told(old, {"oneOf": [dog, cat]}, "answer") == []
    assert told({"oneOf": [dog]}, old, "answer") == ["/: the alternative kind=cat is new"]
    assert "/: alternatives came or went" in told(old, dog, "request")


def test_alternatives_without_constants_are_known_by_name_or_place() -> None:
    defined = {"$defs": {"a": TEXT}}
    old = defined | {"oneOf": [{"$ref": "#/$defs/a"}, {"type": "integer"}]}
    new = defined | {"oneOf": [{"$ref": "#/$defs/a"}]}
    assert told(old, new, "request") == ["/: the alternative 2 was removed"]


def test_definitions_may_refer_to_themselves() -> None:
    def tree(length: int) -> Json:
        node = record(name=TEXT | {"maxLength": length}, below={"$ref": "#/$defs/node"})
        return {"$ref": "#/$defs/node", "$defs": {"node": node}}

    assert told(tree(9), tree(9), "request") == []
    assert told(tree(9), tree(8), "request") == ["/name: maxLength changed from 9 to 8"]


def test_what_stands_beside_a_reference_counts_at_every_place() -> None:
    plain, short = {"$ref": "#/$defs/text"}, {"$ref": "#/$defs/text", "maxLength": 9}
    defined = {"$defs": {"text": TEXT}}
    new = record(a=plain, b=short) | defined
    assert told(record(a=plain, b=plain) | defined, new, "request") == [
        "/b: maxLength changed from 10 to 9"
    ]


@pytest.mark.parametrize("side", ["request", "answer"])
def test_every_field_of_a_real_schema_is_missed_when_it_goes(side: Side) -> None:
    schema: Json = json.loads((SEARCH / f"{side}.schema.json").read_text("utf-8"))
    assert breaking_changes(schema, deepcopy(schema), side=side) == []
    fields = list(_fields(schema))
    assert len(fields) > 200
    for path in fields:
        new = deepcopy(schema)
        holder = new
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        assert breaking_changes(schema, new, side=side), path


def _fields(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every declared property is in the schema."""
    if isinstance(node, dict):
        for key, value in node.items():
            if path and path[-1] == "properties":
                yield (*path, key)
            yield from _fields(value, (*path, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _fields(value, (*path, number))
