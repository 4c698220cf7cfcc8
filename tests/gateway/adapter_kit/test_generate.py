"""Generated documents are exact: valid, within lengths, with every option tried."""

import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from gateway.adapter_kit.generate import PATTERNS, documents
from gateway.adapter_kit.specimens import specimens
from gateway.errors import ConfigurationError
from gateway.validation.catalogue import shipped_schemas
from gateway.validation.json_schema import DocumentSchema

SHIPPED = ("residents/search/v1/request.schema.json", "residents/search/v1/answer.schema.json")


def drawn(schema: Mapping[str, Any], *, count: int = 40, items: int = 2) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @seed(20260104)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents(schema, items=items))
    def keep(document: dict[str, Any]) -> None:
        found.append(document)

    keep()
    return found


def one_field(field: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"field": field},
        "required": ["field"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize("path", SHIPPED)
def test_documents_of_shipped_schemas_are_valid(path: str) -> None:
    schema = DocumentSchema.from_file(shipped_schemas() / path)
    for document in drawn(schema.schema, count=60):
        assert not schema.check(document)


@pytest.mark.parametrize("specimen", specimens(), ids=lambda found: found.name)
def test_documents_of_every_construct_are_valid(specimen: Any) -> None:
    schema = DocumentSchema(dict(specimen.schema), name="specimen")
    for document in drawn(specimen.schema, count=25):
        assert not schema.check(document)


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_is_drawn(name: str) -> None:
    values = [d["field"] for d in drawn(one_field({"type": "string", "x-pattern": name}))]
    assert len(set(values)) > 10
    assert all(isinstance(value, str) for value in values)


def test_lengths_are_kept() -> None:
    field = {"type": "string", "x-pattern": "line", "minLength": 3, "maxLength": 5}
    lengths = {len(document["field"]) for document in drawn(one_field(field), count=80)}
    assert lengths == {3, 4, 5}


def test_optional_fields_and_array_sizes_vary() -> None:
    array = {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 3}
    schema = {**one_field(array), "required": []}
    found = drawn(schema, count=80, items=5)
    assert {len(document.get("field", [])) for document in found} == {0, 1, 2, 3}


def test_recursion_ends() -> None:
    schema = {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "type": "object",
                "properties": {"inner": {"$ref": "#/$defs/tree"}},
                "additionalProperties": False,
            }
        },
    }
    assert max(len(str(document)) for document in drawn(schema)) < 400


def test_unknown_pattern_is_named() -> None:
    with pytest.raises(ConfigurationError, match="`shoeSize`"):
        documents(one_field({"type": "string", "x-pattern": "shoeSize"}))


def test_text_without_a_pattern_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="pattern"):
        documents(one_field({"type": "string", "pattern": "a+"}))


def test_missing_hypothesis_is_said_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis.strategies", None)
    with pytest.raises(ConfigurationError, match=r"agency-gateway\[kit\]"):
        documents(one_field({"type": "boolean"}))
