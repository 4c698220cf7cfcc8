"""A gateway that runs erases what is due, and says so to callers and operators."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from gateway.flow import prune
from tests.scenarios.house import request
from tests.scenarios.test_store_gone import PATH, gateway

SHORT = """
[[retention]]
operation = "residents/search/v1"
key = 0.5
payload = 0.5
"""


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "ROUND", timedelta(milliseconds=50))


async def until(http: httpx.AsyncClient, path: str, status: int) -> httpx.Response:
    async with asyncio.timeout(20):
        while (response := await http.get(path)).status_code != status:  # noqa: ASYNC110 - as a caller
            await asyncio.sleep(0.05)
        return response


@pytest.mark.usefixtures("often")
async def test_an_answer_is_gone_when_its_time_is_over(tmp_path: Path) -> None:
    async with gateway(tmp_path, f'path = "{tmp_path}/messages.sqlite3"', more=SHORT) as http:
        key = {"Idempotency-Key": "the-one"}
        first = await http.post(PATH, json=request(), headers=key)
        message = f"/v1/messages/{first.headers['Message-Id']}"
        assert (await http.get(f"{message}/answer")).status_code == 200
        gone = await until(http, f"{message}/answer", 410)
        assert (gone.json()["code"], gone.json()["retryable"]) == ("result-erased", False)
        history = (await http.get(f"{message}/history")).json()
        assert [entry["event"] for entry in history][-2:] == ["message.answered", "message.erased"]
        assert (await http.get(message)).json()["state"] == "answered"
        assert (await http.get(f"{message}/ledger")).json() == {}
        again = await http.post(PATH, json=request(), headers=key)
        assert again.status_code == 200
        assert again.headers["Message-Id"] != first.headers["Message-Id"]
        figures = (await http.get("/metrics")).text
        erased = 'agency_gateway_erased_total{operation="residents/search/v1",part="payload"}'
        assert f"{erased} 1.0" in figures
