"""One message that goes again: never beside its family, also when processes decide at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.errors import MessageCorrectedError
from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import State
from gateway.messaging.replays import Chosen, Handling, ItemResult
from gateway.store.postgres.database import Source
from gateway.store.postgres.letters import PostgresLetters
from gateway.store.postgres.store import PostgresStore
from tests.gateway.store.conformance_letters import a_dead, a_replay, again, noted
from tests.gateway.store.samples import NOW, REQUEST, a_message, a_step, entry_of

TIMES = 20
"""How often a race is run; each side wins some of them."""


@pytest.fixture
async def stores(postgres_url: str) -> AsyncIterator[list[PostgresStore]]:
    """Two processes on one database, as far as the database can tell."""
    stores = [PostgresStore(Source(url=postgres_url)) for _ in range(2)]
    for store in stores:
        await store.open()
    yield stores
    for store in stores:
        await store.close()


async def test_of_an_original_and_its_copy_one_goes(stores: list[PostgresStore]) -> None:
    first, second = stores
    for _ in range(TIMES):
        original, copy = await a_dead(first), a_message()
        letters = PostgresLetters(first)
        await letters.correct(noted(original), copy, [REQUEST], [entry_of(State.ACCEPTED)])
        copy = await first.advance(a_step(copy, State.DELIVERING))
        copy = await first.advance(a_step(copy, State.DEAD))
        results = await asyncio.gather(
            first.advance(again(original)), second.advance(again(copy)), return_exceptions=True
        )
        refused = [one for one in results if isinstance(one, MessageCorrectedError)]
        assert len(refused) == 1


async def test_of_a_replay_and_a_correction_one_is_made(stores: list[PostgresStore]) -> None:
    first, second = stores
    for _ in range(TIMES):
        original, copy = await a_dead(first), a_message()
        results = await asyncio.gather(
            first.advance(again(original)),
            PostgresLetters(second).correct(
                noted(original), copy, [REQUEST], [entry_of(State.ACCEPTED)]
            ),
            return_exceptions=True,
        )
        assert len([one for one in results if isinstance(one, Exception)]) == 1
        found = await first.get(copy.id)
        replayed = await first.get(original.id)
        assert replayed is not None
        assert (found is None) is (replayed.state is State.ACCEPTED)
        assert is_unbroken(original.id, await first.history(original.id))


async def test_processes_that_share_a_replay_handle_each_message_once(
    stores: list[PostgresStore],
) -> None:
    messages = [await a_dead(stores[0]) for _ in range(TIMES)]
    replay = a_replay(TIMES)
    chosen = [Chosen(message_id=one.id, event_count=3) for one in messages]
    await PostgresLetters(stores[0]).begin_replay(replay, chosen)

    async def handle(store: PostgresStore) -> int:
        letters, count = PostgresLetters(store), 0
        for position, message in enumerate(messages):
            handling = Handling(step=again(message), at=NOW)
            count += await letters.handle_item(replay.id, position, handling) is not None
        return count

    counts = await asyncio.gather(*(handle(store) for store in stores))
    done = await PostgresLetters(stores[1]).replay(replay.id)
    assert done is not None
    assert done.results == {ItemResult.MOVED: done.handled}
    assert sum(counts) == done.handled
    for message in messages[: done.handled]:
        assert len(await stores[0].history(message.id)) == 4


async def test_a_message_that_went_again_is_known_anew(stores: list[PostgresStore]) -> None:
    store = stores[0]
    message = await a_dead(store)
    replayed = await store.advance(again(message))
    delivering = await store.advance(a_step(replayed, State.DELIVERING))
    assert (await store.advance(a_step(delivering, State.ANSWERED))).state is State.ANSWERED
