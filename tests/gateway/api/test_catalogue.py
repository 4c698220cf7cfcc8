"""What the gateway offers."""

import httpx
import pytest

from tests.gateway.api.conftest import AUTHORIZED, REQUEST_SCHEMA


async def test_operations_say_where_and_how_to_ask(client: httpx.AsyncClient) -> None:
    search, report = (await client.get("/v1/operations", headers=AUTHORIZED)).json()
    assert (search["path"], report["path"]) == ("/v1/residents/search", "/v2/residents/report")
    assert search["deadlineSeconds"] == 30


async def test_schemas_are_found_where_the_operation_says(client: httpx.AsyncClient) -> None:
    search, _ = (await client.get("/v1/operations", headers=AUTHORIZED)).json()
    schema = (await client.get(search["requestSchema"], headers=AUTHORIZED)).json()
    assert schema == REQUEST_SCHEMA
    answer = await client.get(search["answerSchema"], headers=AUTHORIZED)
    assert answer.json()["type"] == "object"


@pytest.mark.parametrize("path", ["residents/search/v9", "residents/none/v1"])
async def test_schemas_of_other_operations_are_unknown(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(f"/v1/operations/{path}/schema/request", headers=AUTHORIZED)
    assert (response.status_code, response.json()["code"]) == (404, "operation-unknown")


async def test_a_route_is_explained(client: httpx.AsyncClient) -> None:
    response = await client.get(
        "/v1/routes/explain?operation=residents/search/v1&authority=ags:09162000",
        headers=AUTHORIZED,
    )
    exact, area = response.json()
    assert (exact["channel"], exact["taken"]) == ("bayern", True)
    assert (area["channel"], area["verdict"]) == ("area", "a more exact route comes first")


async def test_routes_are_explained_to_those_who_may_use_them(client: httpx.AsyncClient) -> None:
    response = await client.get(
        "/v1/routes/explain?operation=residents/search/v1&authority=ags:16099001",
        headers=AUTHORIZED,
    )
    assert (response.status_code, response.json()["code"]) == (403, "permission-denied")
