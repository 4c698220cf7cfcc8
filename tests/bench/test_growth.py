"""Filling a store with copies."""

import asyncio
from pathlib import Path

import apsw
import pytest

from bench.growth import fill, shorten
from gateway.messaging.lifecycle import State
from gateway.messaging.ports import MessageFilter
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.samples import ANSWER, a_step, a_waiting_message, stored


async def _seed(path: Path, number: int) -> None:
    store = SqliteStore(path)
    await store.open()
    for _ in range(number):
        message = await stored(store, a_waiting_message())
        await store.advance(a_step(message, State.ANSWERED, stages=[ANSWER]))
    await store.close()


@pytest.mark.parametrize("number", [3, 7, 100])
def test_a_store_is_filled_with_whole_messages(tmp_path: Path, number: int) -> None:
    path = tmp_path / "messages.db"
    asyncio.run(_seed(path, 3))
    shorten(path)
    fill(path, number)

    async def look() -> int:
        store = SqliteStore(path)
        await store.open()
        try:
            found, _ = await store.find(MessageFilter(), limit=500)
            for message in found:
                assert message.state is State.ANSWERED
                assert len(await store.history(message.id)) == 2
            return len({message.id for message in found})
        finally:
            await store.close()

    assert asyncio.run(look()) == number
    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT count(*) FROM stages").get == 3 * number
    assert connection.execute("PRAGMA integrity_check").get == "ok"
