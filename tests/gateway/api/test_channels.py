"""The channel resource, over a real desk."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from gateway.api import create_app
from gateway.api.health import HealthLimits, judge
from gateway.api.metrics import Metrics
from gateway.security.tokens import TokenAuthentication, digest
from tests.gateway.flow.world import CALLER, World

OPERATOR = {"Authorization": "Bearer operator"}
OTHER = {"Authorization": "Bearer other"}
UNTOUCHED = {
    "name": "main",
    "breaker": "closed",
    "breakerSince": None,
    "breakerUntil": None,
    "paused": False,
    "pausedSince": None,
    "pausedBy": None,
    "pauseReason": None,
    "windowOpen": True,
    "windowOpensAt": None,
    "waiting": 0,
    "dueSince": None,
}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    operator = replace(CALLER, name="control-room", operator=True)
    app = create_app(
        World().desk(),
        TokenAuthentication({digest("operator"): operator, digest("other"): CALLER}),
        contracts={},
        judge=lambda vitals: judge(vitals, channels={"main": True}, limits=HealthLimits()),
        metrics=Metrics(),
        version="0",
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://g") as client,
    ):
        yield client


async def test_a_channel_is_paused_and_resumed(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/channels", headers=OPERATOR)).json() == [UNTOUCHED]
    paused = await http.post("/v1/channels/main/pause?reason=Wartung", headers=OPERATOR)
    assert paused.json() == UNTOUCHED | {
        "paused": True,
        "pausedSince": "2026-01-15T12:00:00Z",
        "pausedBy": "control-room",
        "pauseReason": "Wartung",
    }
    health = (await http.get("/health/ready")).json()
    assert (health["status"], health["channels"][0]["reason"]) == ("degraded", "paused")
    resumed = await http.post("/v1/channels/main/resume", headers=OPERATOR)
    assert resumed.json() == UNTOUCHED
    lines = (await http.get("/v1/channels/main/history?limit=1", headers=OPERATOR)).json()
    assert lines == [
        {
            "at": "2026-01-15T12:00:00Z",
            "event": "channel.resumed",
            "by": "control-room",
            "reason": None,
        }
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/channels"),
        ("GET", "/v1/channels/main/history"),
        ("POST", "/v1/channels/main/pause?reason=x"),
        ("POST", "/v1/channels/main/resume"),
    ],
)
async def test_only_operators_may(http: httpx.AsyncClient, method: str, path: str) -> None:
    response = await http.request(method, path, headers=OTHER)
    assert (response.status_code, response.json()["code"]) == (403, "permission-denied")
    assert (await http.request(method, path)).status_code == 401


async def test_an_unknown_channel_is_said_to_be(http: httpx.AsyncClient) -> None:
    response = await http.post("/v1/channels/other/resume", headers=OPERATOR)
    assert (response.status_code, response.json()["code"]) == (404, "channel-unknown")


@pytest.mark.parametrize("query", ["", "?reason=", f"?reason={'x' * 251}", "?why=x"])
async def test_a_pause_has_a_reason(http: httpx.AsyncClient, query: str) -> None:
    response = await http.post(f"/v1/channels/main/pause{query}", headers=OPERATOR)
    assert (response.status_code, response.json()["code"]) == (400, "parameter-invalid")
