"""The disk is full: nothing new is taken, nothing taken is lost, and it goes on by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from gateway.bootstrap import build
from gateway.cli.demo import free_port, write_config
from gateway.errors import StoreUnavailableError
from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import serve
from tests.scenarios.house import AUTHORITY, REPORT, SEARCH, House, authority, call, caller, request
from tests.scenarios.small_disk import SmallDisk, small_disk
from tests.scenarios.test_health import serving

PATH = "/v1/residents/search"
SLOW = Rule(effect=Effect(answer="hit", delay=timedelta(milliseconds=600)))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", megabytes=6) as disk:
        yield disk


@asynccontextmanager
async def gateway(
    folder: Path, disk: SmallDisk, *, reserve: int
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway whose database is on the small disk, and its simulated authority."""
    token, port = new_token(), free_port(0)
    config = write_config(folder, token, {"gateway": free_port(0), "authority": port})
    text = config.read_text("utf-8").replace(
        '"messages.sqlite3"', f'"{disk.folder}/messages.sqlite3"\nreserve_megabytes = {reserve}'
    )
    config.write_text(text, "utf-8")
    app = build(load_settings(config)).app
    headers = {"Authorization": f"Bearer {token.token}", "Recipient": AUTHORITY}
    transport = httpx.ASGITransport(app)
    async with (
        serving(authority(), port),
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://g", headers=headers) as http,
    ):
        yield http


async def search(http: httpx.AsyncClient) -> httpx.Response:
    return await http.post(PATH, json=request())


async def until_refused(http: httpx.AsyncClient) -> tuple[list[str], httpx.Response]:
    """Search until there is no room; the ids of what was answered, and the refusal."""
    answered: list[str] = []
    for _ in range(500):
        response = await search(http)
        if response.status_code != 200:
            return answered, response
        answered.append(response.headers["Message-Id"])
    pytest.fail("the disk never got full")


async def test_new_calls_are_refused_and_taken_again_when_there_is_room(
    tmp_path: Path, disk: SmallDisk
) -> None:
    async with gateway(tmp_path, disk, reserve=1) as http:
        disk.fill(leave=2**20 + 300_000)
        answered, refused = await until_refused(http)
        assert answered
        disk.fill()
        for response in (refused, await search(http), await search(http)):
            problem = response.json()
            assert (response.status_code, problem["code"]) == (503, "store-unavailable")
            assert int(response.headers["Retry-After"]) >= 1
            assert problem["retryable"]
            assert "Quendel" not in response.text
        ready = await http.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "failing")
        assert "disk-full" in ready.json()["reasons"]
        assert (await http.get("/health/live")).status_code == 200

        disk.empty()
        async with asyncio.timeout(10):
            while (response := await search(http)).status_code != 200:  # noqa: ASYNC110 - as a caller
                await asyncio.sleep(0.05)
            while (await http.get("/health/ready")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        for message_id in [*answered, response.headers["Message-Id"]]:
            assert (await http.get(f"/v1/messages/{message_id}/answer")).status_code == 200


async def test_a_reserve_is_kept_for_the_answers_of_what_was_taken(
    tmp_path: Path, disk: SmallDisk
) -> None:
    async with gateway(tmp_path, disk, reserve=2) as http:
        first = await search(http)
        assert first.status_code == 200
        disk.fill(leave=2 * 2**20 - 50_000)
        await asyncio.sleep(0.6)  # the room is looked at twice a second
        response = await search(http)
        assert (response.status_code, response.json()["code"]) == (503, "store-unavailable")
        assert "reserve" in response.json()["detail"]
        ready = await http.get("/health/ready")
        assert (ready.json()["status"], ready.json()["reasons"]) == ("failing", ["disk-full"])
        assert (await http.get(f"/v1/messages/{first.headers['Message-Id']}")).status_code == 200
        disk.empty()
        await asyncio.sleep(0.6)
        assert (await search(http)).status_code == 200


@pytest.mark.parametrize(
    ("key", "ends"), [(SEARCH, State.ANSWERED), (REPORT, State.IN_DOUBT)], ids=["query", "other"]
)
async def test_an_attempt_whose_end_cannot_be_stored_counts_as_sent(
    disk: SmallDisk, key: str, ends: State
) -> None:
    app = authority(SLOW)
    with serve(app) as url:
        house = House(database=disk.folder / "messages.db", url=url)
        async with house.running() as desk:
            told = await desk.ask(call(key=key, respond_async=True))
            async with asyncio.timeout(10):
                while not app.seen():  # noqa: ASYNC110 - until the authority has it
                    await asyncio.sleep(0.01)
                disk.fill()
                await asyncio.sleep(1.2)  # the answer came meanwhile and could not be stored
                with pytest.raises(StoreUnavailableError):
                    await desk.ask(call(key=key, respond_async=True))
                present = await desk.message(caller(), told.message.id)
                assert present.state is State.DELIVERING
                disk.empty()
                while (present := await desk.message(caller(), told.message.id)).state is not ends:  # noqa: ASYNC110 - as a caller
                    await asyncio.sleep(0.02)
            attempts = await desk.attempts(caller(), told.message.id)
            history = await desk.history(caller(), told.message.id)
    assert attempts[0].result is AttemptResult.OUTCOME_UNKNOWN
    assert len(attempts) == (2 if ends is State.ANSWERED else 1)
    assert is_unbroken(told.message.id, history)


async def test_after_a_restart_on_a_full_disk_everything_goes_on(disk: SmallDisk) -> None:
    with serve(authority(SLOW)) as url:
        house = House(database=disk.folder / "messages.db", url=url)
        async with house.running() as desk:
            told = await desk.ask(call(respond_async=True))
            disk.fill()
        disk.empty()
        async with house.running() as desk, asyncio.timeout(20):
            while not (await desk.message(caller(), told.message.id)).settled_at:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            assert (await desk.message(caller(), told.message.id)).state is State.ANSWERED
