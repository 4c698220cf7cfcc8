"""The database goes away under load and comes back: nothing that was accepted is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from gateway.bootstrap import build
from gateway.cli.demo import free_port, write_config
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from tests.postgres_server import running_server
from tests.scenarios.house import AUTHORITY, authority, request
from tests.scenarios.test_health import serving

PATH = "/v1/residents/search"
CALLERS = 8


@asynccontextmanager
async def gateway(folder: Path, store: str, more: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A gateway with this section ``[store]`` and more, and its simulated authority."""
    token, port = new_token(), free_port(0)
    config = write_config(folder, token, {"gateway": free_port(0), "authority": port})
    text = config.read_text("utf-8")
    text = text.replace('path = "messages.sqlite3" ', f"{store} ")
    config.write_text(f'{text}{more}\n[attachments]\npath = "attachments"\n', "utf-8")
    app = build(load_settings(config)).app
    headers = {"Authorization": f"Bearer {token.token}", "Recipient": AUTHORITY}
    async with (
        serving(authority(), port),
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://g", headers=headers, timeout=60
        ) as http,
    ):
        yield http


class Load:
    """Callers that ask again and again, and what they were told."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.accepted: list[str] = []
        self.refused: list[httpx.Response] = []
        self._ends = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as callers:
            for _ in range(CALLERS):
                callers.create_task(self._ask())

    def stop(self) -> None:
        self._ends.set()

    async def _ask(self) -> None:
        while not self._ends.is_set():
            response = await self._http.post(
                PATH, json=request(), headers={"Prefer": "respond-async"}
            )
            if response.status_code == 202:
                self.accepted.append(response.headers["Message-Id"])
            else:
                self.refused.append(response)
            await asyncio.sleep(0.02)


async def through_an_outage(
    http: httpx.AsyncClient, goes: Callable[[], None], comes_back: Callable[[], None]
) -> Load:
    """Load before, while and after the database is gone; ends when all is well again."""
    load = Load(http)
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        group.create_task(load.run())
        await until(lambda: len(load.accepted) >= 20)
        await asyncio.to_thread(goes)
        await until(lambda: len(load.refused) >= CALLERS)
        ready = await http.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "failing")
        await asyncio.to_thread(comes_back)
        before = len(load.accepted)
        await until(lambda: len(load.accepted) >= before + 20)
        load.stop()
    return load


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - what the load does is no event
        await asyncio.sleep(0.02)


async def all_are_answered(http: httpx.AsyncClient, load: Load) -> None:
    """Every message whose caller was told 202 ends as if nothing had been."""
    async with asyncio.timeout(60):
        for message_id in load.accepted:
            while True:
                found = await http.get(f"/v1/messages/{message_id}")
                if found.status_code == 200 and found.json()["state"] == "answered":
                    break
                assert found.status_code in (200, 503), found.text
                await asyncio.sleep(0.05)
        while (await http.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 - as a monitor
            await asyncio.sleep(0.1)


def rename(old: Path, new: Path) -> None:
    old.rename(new)


def all_were_told_to_come_back(load: Load) -> None:
    assert {response.status_code for response in load.refused} == {503}
    assert {response.json()["code"] for response in load.refused} == {"store-unavailable"}
    assert all(int(response.headers["Retry-After"]) >= 1 for response in load.refused)


async def test_a_database_that_is_moved_away_and_back_is_used_again(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "messages.sqlite3", tmp_path / "elsewhere"
    async with gateway(tmp_path, f'path = "{path}"') as http:
        load = await through_an_outage(
            http, lambda: rename(path, elsewhere), lambda: rename(elsewhere, path)
        )
        all_were_told_to_come_back(load)
        await all_are_answered(http, load)


@pytest.mark.slow
async def test_a_database_server_that_crashes_and_starts_again_is_used_again(
    tmp_path: Path,
) -> None:
    with running_server() as server:
        url = await asyncio.to_thread(server.new_database)
        async with gateway(tmp_path, f'url = "{url}"') as http:
            load = await through_an_outage(http, server.stop, server.start)
            all_were_told_to_come_back(load)
            await all_are_answered(http, load)
