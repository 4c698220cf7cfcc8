"""Lines while several processes change them at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from tests.gateway.store.conformance_order import joined
from tests.gateway.store.samples import NOW, a_step, later

KEYS = [bytes([n]) * 32 for n in range(3)]


@pytest.fixture
async def stores(postgres_url: str) -> AsyncIterator[list[PostgresStore]]:
    """Several on one database, as in several processes."""
    stores = [PostgresStore(Source(url=postgres_url)) for _ in range(3)]
    for store in stores:
        await store.open()
    yield stores
    for store in stores:
        await store.close()


async def test_of_many_accepted_by_several_processes_one_has_its_turn(
    stores: list[PostgresStore],
) -> None:
    messages = await asyncio.gather(*(joined(stores[n % 3], KEYS[0]) for n in range(30)))
    assert sum(not one.waits_in_line for one in messages) == 1


class Rush:
    """Several processes that accept and deliver messages of several keys at once."""

    def __init__(self) -> None:
        self.order: dict[bytes, list[str]] = {key: [] for key in KEYS}
        self.key_of: dict[str, bytes] = {}
        self.under_way: set[bytes] = set()
        self.left = 60

    async def accept(self, store: PostgresStore, key: bytes) -> None:
        for _ in range(20):
            message = await joined(store, key)
            self.order[key].append(message.id)
            self.key_of[message.id] = key

    async def deliver(self, store: PostgresStore) -> None:
        while self.left:
            for message in await store.lease_due(channel="munich", now=later(9), limit=2):
                await self.end(store, message)
            await asyncio.sleep(0)

    async def end(self, store: PostgresStore, message: Message) -> None:
        while message.id not in self.key_of:  # noqa: ASYNC110 - its acceptance returns in a moment
            await asyncio.sleep(0)
        key = self.key_of[message.id]
        assert key not in self.under_way, "two of one key at a time"
        self.under_way.add(key)
        assert self.order[key].pop(0) == message.id, "it overtook another one"
        await asyncio.sleep(0.001)
        self.under_way.discard(key)
        await store.advance(a_step(message, State.ANSWERED))
        self.left -= 1


async def test_several_processes_deliver_each_key_in_order(stores: list[PostgresStore]) -> None:
    rush = Rush()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for store, key in zip(stores, KEYS, strict=True):
            group.create_task(rush.accept(store, key))
            group.create_task(rush.deliver(store))
    assert rush.order == {key: [] for key in KEYS}


async def test_who_leaves_while_another_one_leaves_loses_no_turn(
    stores: list[PostgresStore],
) -> None:
    for _ in range(10):
        first, second, third = [await joined(stores[0], KEYS[0]) for _ in range(3)]
        (turn,) = await stores[1].lease_due(channel="munich", now=NOW, limit=9)
        assert turn.id == first.id
        await asyncio.gather(
            stores[1].advance(a_step(turn, State.ANSWERED)),
            stores[2].advance(a_step(second, State.CANCELLED)),
        )
        (last,) = await stores[0].lease_due(channel="munich", now=later(1), limit=9)
        assert last.id == third.id
        await stores[0].advance(a_step(last, State.ANSWERED))
