"""Several real gateway processes on one real PostgreSQL: taking over, pausing, losing the server.

Two simulated authorities outlive all of them and count what they saw.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.security.tokens import new_token
from tests.postgres_server import TestServer, running_server
from tests.scenarios.crash.house import NOTICE, RECIPIENT, SEARCH
from tests.scenarios.crash.letters import ASYNC, Letter
from tests.scenarios.crash.watched import Authorities, authorities
from tests.scenarios.fleet import DEAD_AFTER_SECONDS, Fleet, fleet

SLOW_SEARCH = Letter(operation=SEARCH, word="Langsam")
SLOW_NOTICE = Letter(operation=NOTICE, word="slow")
"""Its authority takes two and a half seconds, and it must not come twice."""

SETTLED = frozenset(
    {"answered", "in_doubt", "dead", "expired", "invalid", "unanswered", "cancelled"}
)

pytestmark = pytest.mark.slow


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Authorities]:
    with authorities(tmp_path) as running:
        yield running


@pytest.fixture
def gateways(tmp_path: Path, postgres_url: str, watched: Authorities) -> Iterator[Fleet]:
    with fleet(tmp_path, postgres_url, new_token(), watched) as running:
        yield running


async def send(
    http: httpx.AsyncClient, letter: Letter, *, key: str | None = None, prefer: str = ""
) -> httpx.Response:
    name, _, version = letter.operation.rpartition("/v")
    headers = {
        "Content-Type": "application/json",
        "Recipient": RECIPIENT,
        "Idempotency-Key": key or str(uuid4()),
    }
    if prefer or letter.prefer:
        headers["Prefer"] = prefer or letter.prefer
    return await http.post(f"/v{version}/{name}", content=letter.body(), headers=headers)


async def settled(
    http: httpx.AsyncClient, message_id: str, *, among: frozenset[str] = SETTLED
) -> str:
    """The state that a message comes to rest in."""
    state = ""
    async with asyncio.timeout(20):
        while state not in among:
            state = (await http.get(f"/v1/messages/{message_id}")).json()["state"]
            await asyncio.sleep(0.05)
    return state


async def delivering(http: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    """The messages under way, as soon as there are as many as expected."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            found = (await http.get("/v1/messages?state=delivering")).json()["messages"]
            await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def two(gateways: Fleet) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Callers of two gateways."""
    first = await asyncio.to_thread(gateways.start)
    second = await asyncio.to_thread(gateways.start)
    async with gateways.client(first) as one, gateways.client(second) as other:
        yield one, other


async def test_a_repeat_at_another_process_waits_for_the_same_answer(
    gateways: Fleet, watched: Authorities
) -> None:
    async with two(gateways) as (one, other), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(send(one, SLOW_NOTICE, key="the-same"))
        (message,) = await delivering(other, 1)
        second = await send(other, SLOW_NOTICE, key="the-same")
        assert (await first).status_code == second.status_code == 200
        assert second.json() == (await first).json()
        assert second.headers["Message-Id"] == message["id"]
        assert second.headers["Idempotency-Replayed"] == "true"
        assert watched.seen() == {message["id"]: 1}


async def test_a_killed_process_is_taken_over(gateways: Fleet, watched: Authorities) -> None:
    async with two(gateways) as (one, other):
        lost = [
            asyncio.ensure_future(send(one, SLOW_SEARCH)),
            asyncio.ensure_future(send(one, SLOW_NOTICE)),
        ]
        under_way = {found["operation"]: found["id"] for found in await delivering(other, 2)}
        await asyncio.sleep(0.3)
        gateways.members[0].kill()
        assert all(
            isinstance(error, httpx.TransportError)
            for error in await asyncio.gather(*lost, return_exceptions=True)
        )
        # A query may be asked twice; of a notice nobody knows whether it was taken.
        assert await settled(other, under_way["residents/search"]) == "answered"
        assert await settled(other, under_way["testing/notice"]) == "in_doubt"
        attempts = await other.get(f"/v1/messages/{under_way['residents/search']}/attempts")
        assert [one["result"] for one in attempts.json()] == ["interrupted", "answered"]
        assert watched.seen()[under_way["testing/notice"]] == 1


async def test_a_process_that_was_paused_writes_over_nothing(
    gateways: Fleet, watched: Authorities
) -> None:
    async with two(gateways) as (one, other), asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(send(one, letter)) for letter in (SLOW_SEARCH, SLOW_NOTICE)]
        under_way = {found["operation"]: found["id"] for found in await delivering(other, 2)}
        paused = gateways.members[0]
        paused.send(signal.SIGSTOP)
        try:
            search, notice = under_way["residents/search"], under_way["testing/notice"]
            assert await settled(other, search) == "answered"
            assert await settled(other, notice) == "in_doubt"
            before = (await other.get(f"/v1/messages/{search}/history")).json()
        finally:
            paused.send(signal.SIGCONT)
        # It has the answer of the notice in hand, which ends the doubt.
        assert await settled(other, notice, among=frozenset({"answered"})) == "answered"
        # Its callers are told what became of their messages, by whichever process.
        assert (await calls[0]).status_code == 200
        assert (await other.get(f"/v1/messages/{search}/history")).json() == before
        assert "delivery.superseded" in gateways.logged()
        assert watched.seen()[notice] == 1


async def test_what_one_accepts_any_may_deliver(gateways: Fleet, watched: Authorities) -> None:
    async with two(gateways) as (one, other):
        letter = Letter(operation=NOTICE, word="soon", prefer=ASYNC)
        sent = await asyncio.gather(*(send(one, letter) for _ in range(60)))
        ids = [response.headers["Message-Id"] for response in sent]
        assert [await settled(other, message_id) for message_id in ids] == ["answered"] * 60
        assert watched.seen() == dict.fromkeys(ids, 1)


async def test_who_leaves_in_order_leaves_nothing_behind(gateways: Fleet) -> None:
    async with two(gateways) as (one, other):
        call = asyncio.ensure_future(send(one, SLOW_SEARCH))
        (message,) = await delivering(other, 1)
        gateways.members[0].send(signal.SIGTERM)
        assert (await call).status_code == 200
        assert await asyncio.to_thread(gateways.members[0].process.wait, 15) == 0
        assert await settled(other, message["id"]) == "answered"
        attempts = await other.get(f"/v1/messages/{message['id']}/attempts")
        assert [one["result"] for one in attempts.json()] == ["answered"]


@pytest.fixture
def own_server() -> Iterator[TestServer]:
    """A server that this test may stop; its writes wait for the disk."""
    with running_server() as server:
        yield server


async def test_a_server_that_crashes_under_load_loses_and_doubles_nothing(
    tmp_path: Path, own_server: TestServer, watched: Authorities
) -> None:
    database = await asyncio.to_thread(own_server.new_database)
    with fleet(tmp_path, database, new_token(), watched) as gateways:
        async with two(gateways) as clients:
            promised: dict[str, str] = {}
            stop = asyncio.Event()

            async def write_letters(http: httpx.AsyncClient) -> None:
                letter = Letter(operation=NOTICE, word="once")
                while not stop.is_set():
                    key = str(uuid4())
                    response = await send(http, letter, key=key)
                    if response.status_code in (200, 202):
                        promised[key] = response.headers["Message-Id"]
                    else:
                        assert response.status_code == 503, response.text
                        await asyncio.sleep(0.05)

            async with asyncio.TaskGroup() as tasks:
                for _ in range(4):
                    for http in clients:
                        tasks.create_task(write_letters(http))
                for _ in range(2):
                    await asyncio.sleep(1)
                    await asyncio.to_thread(own_server.stop)
                    await asyncio.sleep(DEAD_AFTER_SECONDS / 3)
                    await asyncio.to_thread(own_server.start)
                await asyncio.sleep(2)
                stop.set()
            states = [await settled(clients[0], message_id) for message_id in promised.values()]
            assert len(states) > 20
            assert set(states) <= {"answered", "in_doubt"}
            assert states.count("in_doubt") <= 16  # no more than were under way at both crashes
            assert max(watched.seen().values()) == 1
