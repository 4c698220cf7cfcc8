"""The PostgreSQL store keeps every promise of the port, and some of its own."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from typing_extensions import override

from gateway.errors import KeyTakenError, StoreUnavailableError
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message, StageKind
from gateway.messaging.ports import MessageFilter, MessageStore
from gateway.store.postgres.database import Source, UnsureError
from gateway.store.postgres.store import PostgresStore
from gateway.store.rows import Row
from tests.gateway.store.conformance import MessageStoreConformance
from tests.gateway.store.conformance_channels import ChannelConformance
from tests.gateway.store.conformance_due import DueConformance
from tests.gateway.store.conformance_keys import SCOPE, IdempotencyKeyConformance, accepted
from tests.gateway.store.conformance_lists import ListConformance
from tests.gateway.store.conformance_order import OrderConformance
from tests.gateway.store.conformance_refusals import RefusalConformance
from tests.gateway.store.conformance_sequences import SequenceConformance
from tests.gateway.store.samples import (
    ANSWER,
    NOW,
    REQUEST,
    a_message,
    a_step,
    a_waiting_message,
    stored,
)
from tests.postgres_server import running_server


class TestPostgresStore(MessageStoreConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresDue(DueConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresChannels(ChannelConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresLists(ListConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresKeys(IdempotencyKeyConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresRefusals(RefusalConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresOrder(OrderConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresSequences(SequenceConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


@pytest.fixture
async def store(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostgresStore]:
    monkeypatch.setattr("gateway.store.postgres.store._PAUSE_SECONDS", 0.01)
    store = PostgresStore(Source(url=postgres_url))
    await store.open()
    yield store
    await store.close()


class Breaking:
    """Lets the connection break under a change of a kind, before or after it is made."""

    def __init__(self, store: PostgresStore, query: str, *, after: bool, first: int = 1) -> None:
        self._write = store._database.write
        self._query = query
        self._after = after
        self._left = first
        store._database.write = self  # type: ignore[method-assign]  # see above

    async def __call__(self, query: str, *arguments: object, **options: Any) -> Sequence[Row]:
        self._left -= query == self._query
        breaks = query == self._query and self._left == 0
        if breaks and not self._after:
            raise UnsureError("broken")
        rows = await self._write(query, *arguments, **options)
        if breaks:
            raise UnsureError("broken")
        return rows


@pytest.mark.parametrize("after", [True, False])
async def test_a_message_is_stored_once_whatever_became_of_the_first_try(
    store: PostgresStore, *, after: bool
) -> None:
    Breaking(store, "accept_messages", after=after)
    message = await accepted(store)
    assert await store.find(MessageFilter(), limit=9) == ([message], None)
    claimed = await store.claimed(SCOPE)
    assert claimed is not None
    assert claimed.message == message
    assert len(await store.history(message.id)) == 1


@pytest.mark.parametrize("after", [True, False])
async def test_a_step_is_taken_once_whatever_became_of_the_first_try(
    store: PostgresStore, *, after: bool
) -> None:
    message = await stored(store, a_waiting_message())
    Breaking(store, "move_messages", after=after)
    step = a_step(message, State.ANSWERED, ends_attempt=AttemptResult.ANSWERED, stages=[ANSWER])
    moved = await store.advance(step)
    assert moved.state is State.ANSWERED
    assert await store.get(message.id) == moved
    assert len(await store.history(message.id)) == 2


async def test_a_key_that_another_message_took_meanwhile_is_no_longer_free(
    store: PostgresStore,
) -> None:
    Breaking(store, "accept_messages", after=False)
    ended = await asyncio.gather(accepted(store), accepted(store), return_exceptions=True)
    assert sum(isinstance(one, KeyTakenError) for one in ended) == 1
    kept, _ = await store.find(MessageFilter(), limit=9)
    assert [one for one in ended if isinstance(one, Message)] == kept


async def test_what_is_never_found_out_is_delivered_if_it_is_there(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.postgres.store.PATIENCE_SECONDS", 0)
    Breaking(store, "accept_messages", after=True)
    Breaking(store, "accept_messages", after=False, first=2)
    message = a_waiting_message()
    with pytest.raises(StoreUnavailableError):
        await stored(store, message)
    (found,) = await store.lease_due(channel="munich", now=NOW, limit=9)
    assert (found.id, found.attempts) == (message.id, 1)
    assert await store.lease_due(channel="munich", now=NOW, limit=9) == []


async def test_a_large_body_comes_back_and_holds_up_no_small_one(store: PostgresStore) -> None:
    large = dataclasses.replace(REQUEST, body=bytes(range(256)) * 100_000)
    async with asyncio.TaskGroup() as tasks:
        storing = tasks.create_task(stored(store, a_message(), [large]))
        small = [await stored(store, a_message()) for _ in range(3)]
        assert len({message.id for message in small}) == 3
    found = await store.stage(storing.result().id, StageKind.CANONICAL_REQUEST)
    assert found == large


async def test_a_store_without_its_server_is_unavailable_and_comes_back_by_itself() -> None:
    with running_server() as server:
        url = await asyncio.to_thread(server.new_database)
        store = PostgresStore(Source(url=url))
        await store.open()
        kept = await stored(store, a_message())
        await asyncio.to_thread(server.stop)
        with pytest.raises(StoreUnavailableError):
            await stored(store, a_message())
        with pytest.raises(StoreUnavailableError):
            await store.get(kept.id)
        assert not (await store.condition()).writes
        await asyncio.to_thread(server.start)
        later = await stored(store, a_message())
        assert {one.id for one in (await store.find(MessageFilter(), limit=9))[0]} == {
            kept.id,
            later.id,
        }
        assert (await store.condition()).writes
        await store.close()


async def test_a_step_outlasts_a_restart_of_the_server() -> None:
    with running_server() as server:
        url = await asyncio.to_thread(server.new_database)
        store = PostgresStore(Source(url=url))
        await store.open()
        message = await stored(store, a_waiting_message())
        await asyncio.to_thread(server.stop)
        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(store.advance(a_step(message, State.ANSWERED)))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.start)
        assert answering.result().state is State.ANSWERED
        await store.close()
