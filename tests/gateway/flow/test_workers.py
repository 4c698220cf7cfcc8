"""The port to workers: what crosses it is bytes and names, whatever the work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.errors import WorkerUnavailableError
from gateway.flow.call import Settled
from gateway.flow.desk import Desk
from gateway.messaging.lifecycle import State
from tests.gateway.flow.near_workers import NearWorkers
from tests.gateway.flow.world import World, ask_for, no_letters


@asynccontextmanager
async def running(world: World, workers: NearWorkers) -> AsyncIterator[Desk]:
    desk = Desk(
        store=world.store,
        letter_store=no_letters(),
        clock=world.clock,
        directory=world.directory,
        workers=workers,
    )
    await desk.start()
    try:
        assert workers.is_open
        yield desk
    finally:
        await desk.stop()
    assert not workers.is_open


async def test_large_calls_answers_and_previews_go_by_way_of_workers() -> None:
    world = World()
    workers = NearWorkers(world.directory)
    async with running(world, workers) as desk:
        told = await desk.ask(ask_for())
        preview = await desk.check(ask_for())
    assert isinstance(told, Settled)
    assert told.message.state is State.ANSWERED
    assert preview.wire.startswith(b"<")
    assert workers.urgent == [False, True, False]  # an answer goes before all requests


async def test_small_ones_do_not() -> None:
    world = World()
    workers = NearWorkers(world.directory, limit=10_000)
    async with running(world, workers) as desk:
        await desk.ask(ask_for())
        await desk.check(ask_for())
    assert workers.urgent == []


async def test_a_worker_that_ends_refuses_the_call_and_nothing_is_accepted() -> None:
    world = World()
    async with running(world, NearWorkers(world.directory, ends=1)) as desk:
        with pytest.raises(WorkerUnavailableError) as caught:
            await desk.ask(ask_for())
    assert caught.value.retryable
    assert world.store.messages == {}
