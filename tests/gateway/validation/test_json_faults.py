"""Tests of ``gateway.validation.json_faults``."""

from typing import Any

import pytest

from gateway.errors import Place
from gateway.validation.json_document import parse_json
from gateway.validation.json_faults import describe, pointer_to
from gateway.validation.json_schema import DocumentSchema

BRANCHES = {
    "oneOf": [
        {"$ref": "#/$defs/person"},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["kind", "text"],
            "properties": {"kind": {"const": "free"}, "text": {"type": "string"}},
        },
    ],
    "$defs": {
        "person": {
            "type": "object",
            "additionalProperties": False,
            "required": ["kind", "name"],
            "properties": {
                "kind": {"const": "person"},
                "name": {"type": "string", "maxLength": 5},
                "inner": {"$ref": "#"},
            },
        }
    },
}


def faults(schema: dict[str, Any], document: object) -> list[Place]:
    return list(DocumentSchema(schema, name="test").check(document))


def only(schema: dict[str, Any], document: object) -> tuple[str, str | None, str]:
    (place,) = faults(schema, document)
    return place.keyword, place.pointer, place.detail


@pytest.mark.parametrize(
    ("schema", "value", "detail"),
    [
        ({"type": "integer"}, "SECRET", "expected an integer, found a string of 6 characters"),
        ({"type": "string"}, None, "expected a string, found null"),
        ({"type": "array"}, {}, "expected an array, found an object"),
        ({"type": "object"}, [], "expected an object, found an array of 0 items"),
        ({"type": ["string", "array"]}, {}, "expected a string or an array, found an object"),
        ({"type": ["string", "null"]}, True, "expected a string or null, found a boolean"),
        (
            {"maxLength": 5},
            "SECRET",
            "expected a string of at most 5 characters, found a string of 6 characters",
        ),
        (
            {"minLength": 1},
            "",
            "expected a string of at least 1 character, found a string of 0 characters",
        ),
        (
            {"pattern": "^[a-z]+$"},
            "SECRET",
            "expected a string that matches ^[a-z]+$, found a string of 6 characters",
        ),
        (
            {"pattern": "^[a-z]+$", "x-pattern": "ags"},
            "SECRET",
            "expected a string of the form ags, found a string of 6 characters",
        ),
        (
            {"pattern": f"^{'a' * 80}$"},
            "SECRET",
            "expected a string of the schema's pattern, found a string of 6 characters",
        ),
        (
            {"enum": ["a", "b"]},
            "SECRET",
            'expected one of "a", "b", found a string of 6 characters',
        ),
        (
            {"enum": [str(n) for n in range(20)]},
            "SECRET",
            "expected one of 20 values of the schema, found a string of 6 characters",
        ),
        ({"const": True}, "SECRET", "expected true, found a string of 6 characters"),
        (
            {"format": "date"},
            "2020-13-01",
            "expected a string of the format date, found a string of 10 characters",
        ),
        (
            {"format": "uuid"},
            "SECRET",
            "expected a string of the format uuid, found a string of 6 characters",
        ),
        (
            {"format": "date-time"},
            "SECRET",
            "expected a string of the format date-time, found a string of 6 characters",
        ),
        ({"maxItems": 1}, [1, 2], "expected an array of at most 1 item, found an array of 2 items"),
        ({"minItems": 1}, [], "expected an array of at least 1 item, found an array of 0 items"),
        ({"maximum": 3}, 7, "expected a number of at most 3, found an integer"),
        ({"minimum": 3}, 1, "expected a number of at least 3, found an integer"),
        (
            {"uniqueItems": True},
            [1, 1],
            "expected an array without repeats, found an array of 2 items",
        ),
        ({"not": {}}, "SECRET", "breaks the schema's rule not, found a string of 6 characters"),
    ],
)
def test_text_names_kind_and_length_only(
    schema: dict[str, Any], value: object, detail: str
) -> None:
    assert only({"properties": {"a": schema}}, {"a": value})[1:] == ("/a", detail)


def test_all_faults_are_found_at_once() -> None:
    schema = {"properties": {"a": {"type": "string"}, "b": {"items": {"type": "string"}}}}
    places = faults(schema, {"a": 1, "b": ["x", 2, 3]})
    assert [place.pointer for place in places] == ["/a", "/b/1", "/b/2"]


def test_missing_properties_are_named_at_their_object() -> None:
    places = faults({"properties": {"a": {"required": ["x", "y"]}}}, {"a": {}})
    assert [(place.pointer, place.detail) for place in places] == [
        ("/a", 'the required property "x" is missing'),
        ("/a", 'the required property "y" is missing'),
    ]


def test_unknown_property_is_named_when_it_reads_like_one() -> None:
    schema = {"properties": {"a": {}}, "additionalProperties": False}
    assert only(schema, {"firstName": 1})[1:] == ("/firstName", 'unknown property "firstName"')


@pytest.mark.parametrize("name", ["Müller", "Erika", "a b", "x" * 41, "", "01.02.1990"])
def test_name_of_an_unknown_property_may_be_content(name: str) -> None:
    keyword, pointer, detail = only(
        {"properties": {"a": {}}, "additionalProperties": False}, {name: 1}
    )
    assert (keyword, pointer) == ("unknown-property", "")
    assert detail.startswith(f"an unknown property with a name of {len(name)} character")


def test_object_without_properties_takes_none() -> None:
    places = faults({"additionalProperties": False}, {"SECRET": 1})
    assert [(place.pointer, place.keyword) for place in places] == [("", "unknown-property")]


def test_fault_that_only_the_whole_shows_is_placed() -> None:
    schema = {"properties": {"a": {"items": {"type": "integer"}, "uniqueItems": True}}}
    assert only(schema, {"a": [1, 1]})[:2] == ("schema", "/a")


def test_many_faults_cost_little() -> None:
    schema = {"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"additionalProperties": False}}}
    places = faults(schema, [{"z": 1}] * 100_000)
    assert [place.pointer for place in places[:2]] == ["/0/z", "/1/z"]


def test_names_of_the_schema_may_hold_any_sign() -> None:
    schema = {
        "properties": {"a/b~c d": {"$ref": "#/$defs/x~1y"}},
        "$defs": {"x/y": {"type": "string"}},
    }
    assert only(schema, {"a/b~c d": 1})[:2] == ("type", "/a~1b~0c d")


def test_reference_to_itself_ends() -> None:
    schema = {"oneOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"$ref": "#/$defs/a", "minimum": 3}}}
    assert len(faults(schema, 1)) == 1


def test_discriminator_chooses_the_branch_that_is_explained() -> None:
    places = faults(BRANCHES, {"kind": "person", "name": "SECRET", "text": "x"})
    assert [(place.pointer, place.keyword) for place in places] == [
        ("/name", "maxLength"),
        ("/text", "unknown-property"),
    ]


def test_branches_nest() -> None:
    document = {"kind": "person", "name": "a", "inner": {"kind": "free", "text": 1}}
    assert only(BRANCHES, document)[:2] == ("type", "/inner/text")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"kind": "SECRET"}, ("enum", "/kind")),
        ({"kind": 1}, ("enum", "/kind")),
        ({"name": "a"}, ("required", "")),
        ([], ("type", "")),
    ],
)
def test_unusable_discriminator_is_the_fault(document: object, expected: tuple[str, str]) -> None:
    assert only(BRANCHES, document)[:2] == expected


def test_choice_without_discriminator_is_named_as_such() -> None:
    schema = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    assert only(schema, {})[2] == "expected exactly one of 2 forms"
    assert only(schema, {"a": 1, "b": 2})[2] == "expected exactly one of 2 forms"


def test_number_of_places_is_bounded() -> None:
    places = faults({"items": {"type": "string"}}, [1] * 5000)
    assert len(places) == 101
    assert places[-1].keyword == "more"


def test_refusal_without_explanation_is_still_a_refusal() -> None:
    # A fraction is refused by the parser's type, whatever the schema says of numbers.
    from jiter import LosslessFloat  # noqa: PLC0415 - this test alone needs it

    assert faults({"type": "number"}, LosslessFloat(b"1.5"))[0].keyword == "schema"


def test_pointer_escapes_its_own_signs() -> None:
    assert pointer_to(["a/b", 0, "c~d"]) == "/a~1b/0/c~0d"


def test_fraction_is_described_as_one() -> None:
    assert describe(0.5) == "a number with fraction or exponent"


def test_deepest_document_is_explained_as_far_as_that_is_safe() -> None:
    deepest = 199
    text = b'{"kind":"person","name":"a","inner":' * deepest + b"1" + b"}" * deepest
    document = parse_json(text)
    places = faults(BRANCHES, document)
    assert [(place.keyword, place.pointer) for place in places] == [("schema", "/inner" * 40)]


def branch(kind: str, field: str, *, required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, field: {"type": "string"}},
        "required": required,
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, ("required", "", '"name"')),
        ({"name": 7}, ("type", "/name", "string")),
        ({"name": "x", "region": "y"}, ("unknown-property", "/region", '"region"')),
        ({"kind": "free"}, ("required", "", '"region"')),
        ({"kind": "bird"}, ("enum", "/kind", '"person"')),
    ],
)
def test_document_without_a_tag_is_explained_by_the_branch_that_may_lack_it(
    document: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    schema = {
        "oneOf": [
            branch("person", "name", required=["name"]),
            branch("free", "region", required=["kind", "region"]),
        ]
    }
    (place,) = DocumentSchema(schema, name="test").check(document)
    assert (place.keyword, place.pointer) == expected[:2]
    assert expected[2] in place.detail


@pytest.mark.parametrize("required", [["kind", "name"], ["name"]])
def test_tag_is_asked_for_where_no_single_branch_may_lack_it(required: list[str]) -> None:
    other = ["kind", "region"] if "kind" in required else ["region"]
    schema = {
        "oneOf": [
            branch("person", "name", required=required),
            branch("free", "region", required=other),
        ]
    }
    (place,) = DocumentSchema(schema, name="test").check({"more": "x"})
    assert (place.keyword, place.pointer) == ("required", "")
    assert '"kind"' in place.detail
