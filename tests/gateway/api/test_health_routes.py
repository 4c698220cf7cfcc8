"""What load balancers and monitoring are told."""

import httpx
import pytest

from tests.gateway.api.conftest import AUTHORIZED, JSON, ScriptedDesk


async def test_it_lives_and_is_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).json() == {
        "status": "ready",
        "reasons": [],
        "channels": [
            {
                "name": "bayern",
                "open": True,
                "reason": None,
                "waiting": 0,
                "overdueSeconds": 0.0,
                "breaker": "closed",
                "windowOpen": True,
            }
        ],
    }


async def test_a_closed_channel_degrades_it_and_does_not_take_it_away(
    client: httpx.AsyncClient, channels: dict[str, bool]
) -> None:
    channels["broken"] = False
    response = await client.get("/health/ready")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["channels"][1]["reason"] == "adapter-faulty"


@pytest.mark.parametrize(("running", "status"), [(False, "starting"), (True, "failing")])
async def test_without_writes_it_is_taken_away(
    client: httpx.AsyncClient, desk: ScriptedDesk, *, running: bool, status: str
) -> None:
    desk.running, desk.seen["writes"] = running, False
    response = await client.get("/health/ready")
    assert (response.status_code, response.json()["status"]) == (503, status)
    assert (await client.get("/health/live")).status_code == 200
    assert "agency_gateway_ready 0.0\n" in (await client.get("/metrics")).text


async def test_figures_count_problems_and_seconds(client: httpx.AsyncClient) -> None:
    path = "/v1/residents/search"
    await client.post(path, content=b"{}", headers=AUTHORIZED | JSON)
    await client.post(path, content=b"{}", headers=JSON)
    figures = (await client.get("/metrics")).text
    operation = 'operation="residents/search/v1"'
    assert f'agency_gateway_problems_total{{code="not-authenticated",{operation}}} 1.0' in figures
    assert f"agency_gateway_call_seconds_count{{{operation}}} 2.0" in figures
