"""The OpenAPI document."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.api.openapi import describe
from gateway.bootstrap import build
from gateway.settings import Settings
from tests.gateway.api.conftest import CONTRACTS

WRITTEN = Path(__file__).parents[3] / "openapi" / "openapi.json"


async def document_of(client: httpx.AsyncClient) -> dict[str, Any]:
    document: dict[str, Any] = (await client.get("/openapi.json")).json()
    return document


async def test_each_operation_has_both_endpoints_and_all_answers(client: httpx.AsyncClient) -> None:
    paths = (await document_of(client))["paths"]
    ask = paths["/v1/residents/search"]["post"]
    shared = {"200", "400", "401", "403", "413", "415", "422", "429", "431", "500", "503"}
    assert set(ask["responses"]) == shared | {"202", "409", "410", "502", "504"}
    assert set(paths["/v1/residents/search/check"]["post"]["responses"]) == shared
    named = {one["name"] for one in ask["parameters"]}
    assert named >= {"Recipient", "Prefer", "Test-Message", "Idempotency-Key"}
    assert "/v2/residents/report/check" in paths
    content = ask["requestBody"]["content"]["application/json"]
    assert content["example"] == {"person": {"familyName": "Muster"}}


async def test_every_reference_leads_somewhere(client: httpx.AsyncClient) -> None:
    document = await document_of(client)
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert names <= set(document["components"]["schemas"])
    assert "residents.search.v1.request.person" in names
    assert '"#/$defs/' not in json.dumps(document)


async def test_every_route_answers_with_problem_documents(client: httpx.AsyncClient) -> None:
    document = await document_of(client)
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for item in document["paths"].values():
        for operation in item.values():
            assert "application/problem+json" in json.dumps(operation["responses"])


async def test_calls_need_a_token(client: httpx.AsyncClient) -> None:
    document = await document_of(client)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["paths"]["/v1/messages"]["get"]["security"] == [{"bearer": []}]


async def test_headers_without_which_every_call_is_refused_are_required(
    client: httpx.AsyncClient,
) -> None:
    paths = (await document_of(client))["paths"]
    required = {
        path: {one["name"] for one in paths[path]["post"]["parameters"] if one.get("required")}
        for path in ("/v1/residents/search", "/v2/residents/report")
    }
    # Neither has a place in its document that names the recipient.
    assert required["/v1/residents/search"] == {"Recipient"}
    assert required["/v2/residents/report"] == {"Recipient", "Idempotency-Key"}


def test_what_only_the_gateway_sets_is_read_only() -> None:
    document = json.loads(WRITTEN.read_text("utf-8"))
    search = document["components"]["schemas"]["residents.search.v1.request.personSearch"]
    assert search["properties"]["messageId"]["readOnly"] is True
    assert "readOnly" not in search["properties"]["createdAt"]


async def test_an_answer_leads_to_the_routes_of_its_message(client: httpx.AsyncClient) -> None:
    paths = (await document_of(client))["paths"]
    for status in ("200", "202"):
        links = paths["/v1/residents/search"]["post"]["responses"][status]["links"]
        assert {"message", "answer", "history", "cancel"} <= set(links)
        known = {one["operationId"] for item in paths.values() for one in item.values()}
        assert {link["operationId"] for link in links.values()} <= known


@pytest.mark.parametrize(
    ("header", "value", "fits"),
    [
        ("Recipient", "ags:09162000", True),
        ("Recipient", "ags", False),
        ("Exchange-Purpose", "register inquiry", False),
        ("Case-Reference", "OWI 1/26", True),
        ("Idempotency-Key", '"8e03978e, 1"', True),
        ("Idempotency-Key", "a,b", False),
    ],
)
async def test_the_form_of_headers_is_described(
    client: httpx.AsyncClient, header: str, value: str, *, fits: bool
) -> None:
    parameters = (await document_of(client))["paths"]["/v1/residents/search"]["post"]["parameters"]
    (schema,) = [one["schema"] for one in parameters if one["name"] == header]
    assert jsonschema_rs.is_valid(schema, value) is fits


def test_the_written_contract_is_valid() -> None:
    document = json.loads(WRITTEN.read_text("utf-8"))
    # Patterns of JSON Schema are those of ECMA-262, which has \p; the validator tries Python's.
    faults = [
        fault
        for fault in OpenAPIV31SpecValidator(document).iter_errors()
        if not (fault.validator == "format" and r"\p{" in str(fault.instance))
    ]
    assert faults == []


def test_a_contract_that_is_not_valid_would_be_found() -> None:
    document = json.loads(WRITTEN.read_text("utf-8"))
    document["paths"]["/v1/messages"]["get"]["parameters"][0]["in"] = "nowhere"
    assert list(OpenAPIV31SpecValidator(document).iter_errors())


def test_describing_changes_nothing_that_was_given() -> None:
    given: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
    describe(given, CONTRACTS)
    assert given == {"paths": {}, "components": {"schemas": {}}}


def test_the_written_contract_is_what_the_gateway_serves() -> None:
    served = build(Settings()).app.openapi()
    assert json.loads(WRITTEN.read_text("utf-8")) == json.loads(json.dumps(served)), (
        "run `make openapi`"
    )
