"""A caller with a quota is told what is left of it, on every path, and 429 beyond it."""

from dataclasses import replace

import httpx
import pytest

from gateway.api import create_app
from gateway.api.health import HealthLimits, judge
from gateway.api.metrics import Metrics
from gateway.flow.door import CallLimits, Door
from gateway.messaging.quota import RateLimit
from gateway.security.tokens import TokenAuthentication, digest
from tests.gateway.api.conftest import AUTHORIZED, CONTRACTS, JSON, PORTAL, TOKEN, ScriptedDesk
from tests.gateway.flow.moments import Moments

SEARCH = "/v1/residents/search"
RECIPIENT = {"Recipient": "ags:09162000"}


def client_of(desk: ScriptedDesk, limit: RateLimit | None) -> httpx.AsyncClient:
    app = create_app(
        desk,
        TokenAuthentication({digest(TOKEN): replace(PORTAL, rate_limit=limit)}),
        contracts=CONTRACTS,
        judge=lambda vitals: judge(vitals, channels={}, limits=HealthLimits()),
        metrics=Metrics(version="0.0.0"),
        version="0.0.0",
    )
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gateway", headers=AUTHORIZED
    )


async def search(http: httpx.AsyncClient, path: str = SEARCH) -> httpx.Response:
    return await http.post(path, content=b"{}", headers={**JSON, **RECIPIENT})


@pytest.fixture
def limited(desk: ScriptedDesk) -> httpx.AsyncClient:
    desk.door = Door(now=Moments())
    return client_of(desk, RateLimit(calls=3, seconds=60))


async def test_every_path_counts_and_tells(limited: httpx.AsyncClient) -> None:
    async with limited as http:
        told = [
            await search(http),
            await search(http, f"{SEARCH}/check"),
            await http.get("/v1/messages"),
            await search(http),
            await http.get("/v1/messages"),
        ]
    assert [response.status_code for response in told] == [200, 200, 200, 429, 429]
    assert {response.headers["RateLimit-Policy"] for response in told} == {'"default";q=3;w=60'}
    assert [response.headers["RateLimit"] for response in told] == [
        f'"default";r={left};t=60' for left in (2, 1, 0, 0, 0)
    ]


async def test_beyond_the_quota_a_problem_says_when_to_come_back(
    limited: httpx.AsyncClient, desk: ScriptedDesk
) -> None:
    async with limited as http:
        for _ in range(3):
            await search(http)
        response = await search(http)
    assert response.json()["code"] == "rate-limited"
    assert (response.headers["Retry-After"], response.json()["retryable"]) == ("60", True)
    assert len(desk.calls) == 3


async def test_a_problem_tells_what_is_left_too(limited: httpx.AsyncClient) -> None:
    async with limited as http:
        response = await http.post(SEARCH, content=b"{}", headers={"content-type": "text/plain"})
        unknown = await http.get("/v1/messages/unknown")
    assert response.status_code == 415
    assert response.headers["RateLimit"] == '"default";r=2;t=60'
    assert unknown.status_code == 404
    assert unknown.headers["RateLimit"] == '"default";r=1;t=60'


async def test_without_a_quota_nothing_is_told(desk: ScriptedDesk) -> None:
    async with client_of(desk, None) as http:
        response = await search(http)
    assert "RateLimit" not in response.headers
    assert "RateLimit-Policy" not in response.headers


async def test_one_call_too_many_at_a_time_is_refused_before_its_body(desk: ScriptedDesk) -> None:
    desk.door = Door(CallLimits(calls=9, per_caller=1), Moments())
    desk.door.enter(PORTAL)
    async with client_of(desk, None) as http:
        response = await search(http)
        assert (response.status_code, response.json()["code"]) == (429, "too-many-under-way")
        assert response.headers["Retry-After"] == "30"
        desk.door.leave(PORTAL)
        assert (await search(http)).status_code == 200
        assert (await search(http)).status_code == 200  # the first one has left
    assert desk.door.calls == 0


async def test_a_call_that_is_refused_leaves_too(desk: ScriptedDesk) -> None:
    async with client_of(desk, None) as http:
        for headers in ({"content-type": "text/plain"}, {**JSON, "Recipient": "?"}):
            response = await http.post(SEARCH, content=b"{}", headers=headers)
            assert response.status_code in (400, 415)
    assert desk.door.calls == 0
