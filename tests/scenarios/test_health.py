"""Green means that messages move: a real gateway whose backend is down, or too slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.bootstrap import build
from gateway.cli.demo import free_port, write_config
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import SimulatedAuthority, serve
from tests.scenarios.house import AUTHORITY, authority, request

SEARCH = "/v1/residents/search"
IMPATIENT = "[health]\nstalled_after = 0.3\n\n[log]"
RETRY = (
    "retry = { first_wait = 0.05, longest_wait = 0.1, max_attempts = 1000 }\n"
    "max_in_flight = 1\ntimeout = 10 "
)


@asynccontextmanager
async def gateway(
    folder: Path, port: int, breaker: str = "failures = 0"
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that sends one message at a time and soon finds that one waits too long."""
    token = new_token()
    config = write_config(folder, token, {"gateway": free_port(0), "authority": port})
    text = (
        config.read_text("utf-8")
        .replace("[log]", IMPATIENT)
        .replace("timeout = 10 ", f"breaker = {{ {breaker} }}\n{RETRY}")
    )
    config.write_text(text, "utf-8")
    app = build(load_settings(config)).app
    headers = {
        "Authorization": f"Bearer {token.token}",
        "Recipient": AUTHORITY,
        "Prefer": "respond-async",
    }
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://g", headers=headers) as http,
    ):
        yield http


async def until(http: httpx.AsyncClient, reason: str | None) -> dict[str, Any]:
    """Wait until the channel's health has a reason, or none; returns the whole answer."""
    async with asyncio.timeout(20):
        while True:
            response = await http.get("/health/ready")
            assert response.status_code == 200
            found: dict[str, Any] = response.json()
            if found["channels"][0]["reason"] == reason:
                return found
            await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(app: SimulatedAuthority, port: int) -> AsyncIterator[None]:
    with ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, serve(app, port=port))
        try:
            yield
        finally:
            await asyncio.to_thread(stack.close)


@pytest.mark.parametrize(
    ("breaker", "reason"),
    [("failures = 0", "only-failures"), ("failures = 3, open_time = 0.5", "unreachable")],
)
async def test_a_backend_that_is_down_degrades_until_it_is_back(
    tmp_path: Path, breaker: str, reason: str
) -> None:
    port = free_port(0)
    async with gateway(tmp_path, port, breaker) as http:
        assert (await until(http, None))["status"] == "ready"
        assert (await http.post(SEARCH, json=request())).status_code == 202
        found = await until(http, reason)
        assert (found["status"], found["channels"][0]["open"]) == ("degraded", True)
        figures = (await http.get("/metrics")).text
        assert 'agency_gateway_channel_healthy{channel="tannau"} 0.0' in figures
        async with serving(authority(), port):
            assert (await until(http, None))["status"] == "ready"


async def test_a_queue_that_grows_old_degrades_until_it_is_drained(tmp_path: Path) -> None:
    port = free_port(0)
    slow = Rule(effect=Effect(answer="hit", delay=timedelta(milliseconds=700)))
    async with serving(authority(slow), port), gateway(tmp_path, port) as http:
        for _ in range(3):
            assert (await http.post(SEARCH, json=request())).status_code == 202
        found = await until(http, "not-moving")
        assert found["status"] == "degraded"
        assert found["channels"][0]["waiting"] >= 1
        assert found["channels"][0]["overdueSeconds"] > 0.3
        assert (await until(http, None))["status"] == "ready"
