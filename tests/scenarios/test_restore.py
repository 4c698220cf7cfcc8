"""A submission that left after the backup was taken is not sent again by the restored gateway."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import httpx

from gateway.bootstrap import SystemClock
from gateway.cli.demo import free_port
from gateway.flow.call import Pending
from gateway.flow.desk import Desk
from gateway.flow.hold import hold_back
from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId
from gateway.messaging.ports import MessageFilter
from gateway.simulation.server import SimulatedAuthority, serve
from gateway.store.backup import Places, back_up
from gateway.store.restore import put_in_place, unpacked
from gateway.store.sqlite import SqliteStore
from tests.scenarios.house import REPORT, SEARCH, House, authority, call


async def test_what_was_sent_after_the_backup_is_in_doubt_and_not_sent_twice(
    tmp_path: Path,
) -> None:
    port = free_port(0)
    house = House(database=tmp_path / "m.db", url=f"http://127.0.0.1:{port}/")
    registry = authority()
    async with house.running() as desk:
        report = await _accepted(desk, REPORT)
        search = await _accepted(desk, SEARCH)
        file, _ = back_up(
            Places(database=house.database),
            tmp_path / "b.tar",
            version="1",
            now=SystemClock().now(),
        )
        async with _serving(registry, port):
            await _answered(desk, report)
            await _answered(desk, search)
            assert await _seen(port) == {report: 1, search: 1}

    new = House(database=tmp_path / "new" / "m.db", url=house.url)
    places = Places(database=new.database)
    with unpacked(file, new.database, replace=False) as found:
        store = SqliteStore(found.database)
        await store.open()
        await hold_back(store, SystemClock())
        await store.close()
        put_in_place(found, places, now=SystemClock().now())
    async with _serving(registry, port), new.running() as desk:
        await _answered(desk, search)
        held, _ = await desk.store.find(MessageFilter(), limit=10)
        states = {message.id: message.state for message in held}
        assert states == {report: State.IN_DOUBT, search: State.ANSWERED}
        assert await _seen(port) == {report: 1, search: 2}


async def _accepted(desk: Desk, key: str) -> MessageId:
    """Send a message that nobody takes yet."""
    told = await desk.ask(call(key=key, respond_async=True))
    assert isinstance(told, Pending)
    return told.message.id


async def _answered(desk: Desk, message_id: MessageId) -> None:
    async with asyncio.timeout(20):
        while (  # noqa: ASYNC110 - as a caller would, who has no events
            found := await desk.store.get(message_id)
        ) is None or found.state is not State.ANSWERED:
            await asyncio.sleep(0.01)


async def _seen(port: int) -> dict[str, int]:
    """How often each message came, as the authority tells."""
    async with httpx.AsyncClient(trust_env=False) as http:
        counts: dict[str, int] = json.loads((await http.get(f"http://127.0.0.1:{port}/seen")).text)
        return counts


@asynccontextmanager
async def _serving(app: SimulatedAuthority, port: int) -> AsyncIterator[None]:
    with ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, serve(app, port=port))
        try:
            yield
        finally:
            await asyncio.to_thread(stack.close)
