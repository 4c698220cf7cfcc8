"""Retention and backlog on PostgreSQL: as every store, and several processes at once."""

import asyncio
import dataclasses
from collections.abc import Callable

import pytest
from typing_extensions import override

from gateway.messaging.backlog import BacklogStore
from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import State
from gateway.messaging.message import StageKind
from gateway.messaging.ports import MessageStore
from gateway.messaging.retention import Part, RetentionStore
from gateway.store.beside import backlog_in, retention_in
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from tests.gateway.store.conformance_backlog import BacklogConformance
from tests.gateway.store.conformance_retention import LATE, RetentionConformance, due, settled
from tests.gateway.store.samples import ANSWER, a_step


class TestPostgresRetention(RetentionConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))

    @override
    @pytest.fixture
    def retention(self, store: MessageStore) -> RetentionStore:
        return retention_in(store)


class TestPostgresBacklog(BacklogConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))

    @override
    @pytest.fixture
    def backlog(self, store: MessageStore) -> BacklogStore:
        return backlog_in(store)


async def test_processes_that_erase_at_once_share_the_work(postgres_url: str) -> None:
    stores = [PostgresStore(Source(url=postgres_url)) for _ in range(3)]
    for store in stores:
        await store.open()
    messages = [await settled(stores[0]) for _ in range(30)]
    counts = [0, 0, 0]

    async def erase(place: int) -> None:
        retention = retention_in(stores[place])
        while (done := await retention.erase(due(Part.PAYLOAD), now=LATE, limit=4)).count:
            counts[place] += done.count

    await asyncio.gather(*(erase(place) for place in range(3)))
    assert sum(counts) == 30
    for message in messages:
        events = await stores[0].history(message.id)
        assert [event.event for event in events].count("message.erased") == 1
        assert is_unbroken(message.id, events)
    for store in stores:
        await store.close()


async def test_a_step_after_an_erasure_elsewhere_goes_on_with_the_same_history(
    postgres_url: str,
) -> None:
    first, second = (PostgresStore(Source(url=postgres_url)) for _ in range(2))
    await first.open()
    await second.open()
    message = await settled(first)
    await retention_in(second).erase(due(Part.PAYLOAD), now=LATE, limit=4)
    later = dataclasses.replace(ANSWER, kind=StageKind.LATER_ANSWER)
    await first.advance(a_step(message, State.ANSWERED, stages=[later]))
    events = await second.history(message.id)
    assert [event.number for event in events] == [1, 2, 3, 4]
    assert is_unbroken(message.id, events)
    await first.close()
    await second.close()
