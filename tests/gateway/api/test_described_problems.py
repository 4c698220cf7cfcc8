"""Which problem documents are described."""

import httpx

from gateway.api.described_problems import MESSAGE, ROUTE_PROBLEMS, problems_of_route
from tests.gateway.api.conftest import CONTRACTS


def test_a_route_has_its_own_problems_and_those_of_all() -> None:
    statuses = [status for status, _ in problems_of_route(f"{MESSAGE}/reread", secured=True)]
    assert statuses == [401, 404, 409, 431, 500, 502, 503]
    assert [status for status, _ in problems_of_route("/health/live", secured=False)] == [431, 500]


async def test_every_route_for_callers_is_listed(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    asked = {
        f"{contract.operation.path}{end}"
        for contract in CONTRACTS.values()
        for end in ("", "/check")
    }
    secured = {
        path
        for path, item in paths.items()
        for operation in item.values()
        if "security" in operation and path not in asked
    }
    assert secured == set(ROUTE_PROBLEMS)
