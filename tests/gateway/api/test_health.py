"""Whether the gateway lives and is ready."""

import httpx

from gateway.api.health import ChannelHealth
from tests.gateway.api.conftest import AUTHORIZED, JSON, ScriptedDesk


async def test_it_lives_and_is_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).json() == {
        "status": "ready",
        "channels": [{"name": "bayern", "open": True, "reason": None}],
    }


async def test_a_closed_channel_degrades_it(
    client: httpx.AsyncClient, channels: list[ChannelHealth]
) -> None:
    channels.append(ChannelHealth(name="broken", open=False, reason="adapter-faulty"))
    response = await client.get("/health/ready")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")


async def test_it_is_not_ready_before_it_has_started(
    client: httpx.AsyncClient, desk: ScriptedDesk
) -> None:
    desk.running = False
    response = await client.get("/health/ready")
    assert (response.status_code, response.json()["status"]) == (503, "starting")


async def test_figures_count_messages_problems_and_seconds(client: httpx.AsyncClient) -> None:
    path = "/v1/residents/search"
    await client.post(path, content=b"{}", headers=AUTHORIZED | JSON)
    await client.post(path, content=b"{}", headers=JSON)
    figures = (await client.get("/metrics")).text
    operation = 'operation="residents/search/v1"'
    assert (
        f'agency_gateway_messages_total{{{operation},outcome="answered",state="answered"}} 1.0'
        in figures
    )
    assert f'agency_gateway_problems_total{{code="not-authenticated",{operation}}} 1.0' in figures
    assert f"agency_gateway_call_seconds_count{{{operation}}} 2.0" in figures
