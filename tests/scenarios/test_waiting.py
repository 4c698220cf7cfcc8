"""Many callers that wait at a time: none fails, none waits much longer than the backend takes."""

import asyncio
import statistics
from datetime import timedelta
from pathlib import Path

from gateway.errors import BusyError
from gateway.flow.backlog import Backlog, BacklogLimits
from gateway.flow.call import Settled
from gateway.flow.desk import Desk
from gateway.messaging.lifecycle import State
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import serve
from gateway.store.beside import backlog_in
from gateway.store.sqlite import SqliteStore
from tests.scenarios.house import House, authority, call

CALLERS = 300
RATE = 100
TAKES = timedelta(seconds=1.5)
SLOW = Rule(effect=Effect(answer="hit", delay=TAKES))


async def test_many_waiters_are_all_answered_soon(database: Path) -> None:
    # The small sibling of the case `waiting_1000` of the bench.
    with serve(authority(SLOW)) as url:
        house = House(database=database, url=url, max_in_flight=CALLERS)
        async with (
            house.running() as desk,
            asyncio.timeout(60),
            asyncio.TaskGroup() as callers,
        ):
            waits = []
            for _ in range(CALLERS):
                waits.append(callers.create_task(wait_of(desk)))
                await asyncio.sleep(1 / RATE)
    added = [task.result() - TAKES.total_seconds() for task in waits]
    assert statistics.quantiles(added, n=100)[98] <= 1.0


async def wait_of(desk: Desk) -> float:
    """How long one caller waits for an answer."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    told = await desk.ask(call())
    assert isinstance(told, Settled)
    assert told.message.state is State.ANSWERED
    return loop.time() - began


async def test_who_comes_back_when_told_finds_room(database: Path) -> None:
    """With one attempt at a time of a tenth of a second, ten messages settle in a second."""
    quick = Rule(effect=Effect(answer="hit", delay=timedelta(milliseconds=100)))
    with serve(authority(quick)) as url:
        house = House(database=database, url=url, max_in_flight=1)
        desk = house.desk()
        assert isinstance(desk.store, SqliteStore)
        backlog = Backlog(backlog_in(desk.store), BacklogLimits(per_channel=20))
        desk = Desk(
            store=desk.store,
            letter_store=desk.letter_store,
            clock=desk.clock,
            directory=desk.directory,
            backlog=backlog,
            witness=backlog,
            chores=(backlog,),
        )
        await desk.start()
        try:
            async with asyncio.timeout(60):
                refused = await overload(desk)
        finally:
            await desk.stop()
    # Told in time: nobody is told to come back a minute later for a queue of two seconds.
    assert refused
    assert max(refused) < 20
    assert statistics.median(refused) < 8


async def overload(desk: Desk) -> list[float]:
    """Ask twice as often as messages settle, for six seconds; the waits that were told."""
    told = []
    for _ in range(120):
        try:
            await desk.ask(call(respond_async=True))
        except BusyError as error:
            told.append(error.retry_after.total_seconds())
            if len(told) > 5:
                # Who keeps to what was told finds room.
                await asyncio.sleep(error.retry_after.total_seconds())
                await desk.ask(call(respond_async=True))
                break
        await asyncio.sleep(0.05)
    return told
