"""The OpenAPI document."""

import json
import re
from pathlib import Path
from typing import Any

import httpx

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
    shared = {"200", "400", "401", "403", "413", "415", "422", "500", "503"}
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


def test_describing_changes_nothing_that_was_given() -> None:
    given: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
    describe(given, CONTRACTS)
    assert given == {"paths": {}, "components": {"schemas": {}}}


def test_the_written_contract_is_what_the_gateway_serves() -> None:
    served = build(Settings()).app.openapi()
    assert json.loads(WRITTEN.read_text("utf-8")) == json.loads(json.dumps(served)), (
        "run `make openapi`"
    )
