"""Tests of ``gateway.validation.json_schema``."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.validation.json_document import parse_json
from gateway.validation.json_schema import DocumentSchema, caller_schema

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["messageId", "sender", "recipient", "name"],
    "properties": {
        "messageId": {"type": "string", "x-supplied": "message.id"},
        "sender": {"$ref": "#/$defs/party", "x-supplied": "sender.id"},
        "recipient": {"$ref": "#/$defs/suppliedParty"},
        "name": {"type": "string", "maxLength": 5},
        "count": {"type": "integer"},
    },
    "$defs": {
        "party": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id"],
            "properties": {"id": {"type": "string", "x-supplied": "sender.id"}},
        },
        "suppliedParty": {
            "x-supplied": "recipient.id",
            "oneOf": [
                {
                    "type": "object",
                    "required": ["kind", "id"],
                    "properties": {
                        "kind": {"const": "office"},
                        "id": {"type": "string", "x-supplied": "recipient.id"},
                    },
                }
            ],
        },
    },
}

COMPLETE = {
    "messageId": "1",
    "sender": {"id": "a"},
    "recipient": {"kind": "office", "id": "b"},
    "name": "Erika",
}


def test_valid_document_has_no_fault() -> None:
    assert DocumentSchema(SCHEMA, name="test").check(COMPLETE) == ()


def test_faults_are_located() -> None:
    places = DocumentSchema(SCHEMA, name="test").check({**COMPLETE, "name": "SECRET"})
    assert [(place.pointer, place.keyword) for place in places] == [("/name", "maxLength")]
    assert "SECRET" not in str(places[0])


@pytest.mark.parametrize("number", [b"1.0", b"1e3", b"2.5"])
def test_number_not_written_as_integer_is_no_integer(number: bytes) -> None:
    schema = DocumentSchema({"properties": {"count": {"type": "integer"}}}, name="test")
    places = schema.check(parse_json(b'{"count":%s}' % number))
    assert [(place.pointer, place.keyword) for place in places] == [("/count", "type")]


def test_lone_surrogate_is_refused() -> None:
    assert DocumentSchema({"type": "string"}, name="test").check("a\ud800") != ()


def test_caller_may_leave_out_what_is_supplied() -> None:
    schema = DocumentSchema(SCHEMA, name="test")
    assert schema.for_callers().check({"name": "Erika"}) == ()
    assert schema.for_callers().check({"name": "Erika", "recipient": {"kind": "office"}}) == ()
    assert len(schema.check({"name": "Erika"})) == 3


def test_caller_must_send_what_is_not_supplied() -> None:
    places = DocumentSchema(SCHEMA, name="test").for_callers().check({})
    assert [place.detail for place in places] == ['the required property "name" is missing']


def test_caller_schema_leaves_its_argument_alone() -> None:
    before = deepcopy(SCHEMA)
    relaxed = caller_schema(SCHEMA)
    assert before == SCHEMA
    assert relaxed["required"] == ["name"]
    assert "required" not in relaxed["$defs"]["party"]
    assert relaxed["$defs"]["suppliedParty"]["oneOf"][0]["required"] == ["kind"]


def test_property_named_required_is_not_taken_for_the_keyword() -> None:
    schema = {"properties": {"required": {"type": "string"}, "properties": {"type": "string"}}}
    assert caller_schema(schema) == schema


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strin"},
        {"type": "string", "format": "no-such-format"},
        {"type": "string", "pattern": "("},
        {"$ref": "https://example.org/other.json"},
        {"$ref": "#/$defs/missing"},
    ],
)
def test_broken_schema_is_a_configuration_fault(schema: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="test: not a schema"):
        DocumentSchema(schema, name="test")


def test_schema_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "request.schema.json"
    path.write_text(json.dumps(SCHEMA), encoding="utf-8")
    assert DocumentSchema.from_file(path).check(COMPLETE) == ()


@pytest.mark.parametrize("content", [None, b"{", b"[]", b"\xff"])
def test_unusable_file_is_a_configuration_fault(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "request.schema.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"request\.schema\.json"):
        DocumentSchema.from_file(path)


def test_part_of_a_schema_is_a_schema_of_its_own() -> None:
    whole = DocumentSchema(
        {
            "oneOf": [{"$ref": "#/$defs/cat"}, {"$ref": "#/$defs/dog"}],
            "$defs": {
                "name": {"type": "string", "maxLength": 3},
                "cat": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {
                        "kind": {"const": "cat", "x-supplied": "kind"},
                        "name": {"$ref": "#/$defs/name"},
                    },
                },
                "dog": {
                    "type": "object",
                    "required": ["kind"],
                    "properties": {"kind": {"const": "dog"}},
                },
            },
        },
        name="pets",
    )
    cat = whole.part("/$defs/cat")
    assert cat.name == "pets#/$defs/cat"
    assert cat.check({"kind": "cat", "name": "Mau"}) == ()
    assert [place.pointer for place in cat.check({"kind": "dog", "name": "Mieze"})] == [
        "/kind",
        "/name",
    ]
    assert cat.for_callers().check({}) == ()
    assert whole.check({"kind": "dog"}) == ()


@pytest.mark.parametrize("pointer", ["/$defs/dog", "/properties", "/$defs/cat/type/0"])
def test_part_that_is_not_there_is_a_configuration_fault(pointer: str) -> None:
    whole = DocumentSchema({"$defs": {"cat": {"type": "object"}}}, name="pets")
    with pytest.raises(ConfigurationError, match="pets: there is no schema at #"):
        whole.part(pointer)


LATIN = DocumentSchema(
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 9, "x-repertoire": "din-91379-c"},
            "street": {"type": "string", "pattern": "^S", "x-repertoire": "din-91379-c"},
            "other": {"type": "string"},
        },
    },
    name="latin",
)


@pytest.mark.parametrize(
    "document",
    [
        {"name": "M\u00fcller", "street": "Stra\u00dfe", "other": "\u0416"},
        {"name": "C\u0306 K\u035fh"},
        # Composed by the maps, so it may come in pieces.
        {"name": "Mu\u0308ller"},
    ],
)
def test_text_of_the_repertoire_has_no_fault(document: dict[str, str]) -> None:
    assert LATIN.check(document) == ()


def test_a_character_outside_the_repertoire_is_named_with_its_position() -> None:
    places = LATIN.check({"name": "M\u00fcller \u0416\u0315", "street": "S\u0394"})
    assert [(place.keyword, place.pointer, place.detail) for place in places] == [
        ("repertoire", "/name", "U+0416 at position 7 is not of the repertoire din-91379-c"),
        ("repertoire", "/name", "U+0315 at position 8 is not of the repertoire din-91379-c"),
        ("repertoire", "/street", "U+0394 at position 1 is not of the repertoire din-91379-c"),
    ]


def test_repertoire_and_other_faults_of_a_text_are_both_told() -> None:
    places = LATIN.check({"name": "\u0416" + "a" * 9, "street": "a"})
    assert sorted(place.keyword for place in places) == ["maxLength", "pattern", "repertoire"]


@pytest.mark.parametrize("name", ["latin", 5, ["din-91379-c"]])
def test_an_unknown_repertoire_is_a_fault_of_the_schema(name: object) -> None:
    with pytest.raises(ConfigurationError):
        DocumentSchema({"type": "string", "x-repertoire": name}, name="test")
