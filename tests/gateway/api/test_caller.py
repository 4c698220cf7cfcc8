"""Who may use a typed route."""

import httpx
import pytest

PATHS = [
    "/v1/messages",
    "/v1/messages/x",
    "/v1/messages/x/answer",
    "/v1/messages/x/history",
    "/v1/messages/x/ledger",
    "/v1/messages/x/attempts",
    "/v1/operations",
    "/v1/operations/residents/search/v1/schema/request",
    "/v1/routes/explain?operation=residents/search/v1&authority=ags:09162000",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", [None, "Bearer other", "Basic x"])
async def test_nobody_looks_without_a_token(
    client: httpx.AsyncClient, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = await client.get(path, headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "not-authenticated")
