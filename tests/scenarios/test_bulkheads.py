"""Bulkheads: an authority that hangs does not slow the others down."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

import pytest

from gateway.bootstrap import SystemClock
from gateway.flow.desk import Desk
from gateway.messaging.lifecycle import State
from gateway.messaging.route import Route
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import serve
from gateway.transports.http import HttpTransport
from tests.scenarios.house import AUTHORITY, REPORT, SEARCH, House, authority, call, parties

HANGING = "ags:16099002"
CALLERS = 4
"""Who wait for the authority that works, each with one question at a time."""

STUCK = 16
"""The most that are on their way to the authority that hangs, and callers that wait for it."""

BACKLOG = 100
LEAST = 0.9
ROUNDS = 5
MOST_ROUNDS = 15
"""Other work on the machine comes and goes; what the authority that hangs costs would stay."""

SECONDS = 1.5


def two_channels(house: House, url: str) -> Desk:
    """The house's desk with a second authority behind a channel of its own."""
    desk = house.desk()
    (lane,) = desk.directory.lanes.values()
    channel = replace(
        lane.channel,
        name="hanging",
        address=url,
        max_in_flight=STUCK,
        timeout=timedelta(seconds=60),
    )
    second = replace(lane, channel=channel, transport=HttpTransport(channel, SystemClock()))
    directory = replace(
        desk.directory,
        lanes={**desk.directory.lanes, channel.name: second},
        routes=[
            *desk.directory.routes,
            *(
                Route(operation=key, authority=HANGING, channel=channel.name)
                for key in (SEARCH, REPORT)
            ),
        ],
        authorities={
            AUTHORITY: parties()["recipient"],
            HANGING: replace(parties()["recipient"], id=HANGING),
        },
    )
    return Desk(
        store=desk.store,
        letter_store=desk.letter_store,
        clock=desk.clock,
        directory=directory,
    )


@asynccontextmanager
async def two_authorities(database: Path) -> AsyncIterator[Desk]:
    """One that takes its time, as authorities do, and one that does not answer at all."""
    slow = Rule(effect=Effect(answer="hit", delay=timedelta(seconds=0.1)))
    never = Rule(effect=Effect(answer="hit", delay=timedelta(minutes=2)))
    with ExitStack() as stack:
        works = await asyncio.to_thread(stack.enter_context, serve(authority(slow)))
        hangs = await asyncio.to_thread(stack.enter_context, serve(authority(never)))
        desk = two_channels(House(database=database, url=works), hangs)
        await desk.start()
        try:
            yield desk
        finally:
            stopping = asyncio.ensure_future(desk.stop())
            await asyncio.sleep(0)
            await asyncio.to_thread(stack.close)  # cuts off what hangs
            await stopping


async def answered_per_second(desk: Desk) -> float:
    """How many questions the authority that works answers while nobody pauses."""
    until = time.perf_counter() + SECONDS
    count = 0

    async def ask() -> None:
        nonlocal count
        while time.perf_counter() < until:
            told = await desk.ask(call())
            assert told.message.state is State.ANSWERED
            count += 1

    began = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(CALLERS)))
    return count / (time.perf_counter() - began)


@asynccontextmanager
async def a_hanging_authority(desk: Desk) -> AsyncIterator[None]:
    """Callers and a backlog that wait for the authority that does not answer."""
    async with asyncio.TaskGroup() as group:
        for _ in range(BACKLOG):
            await desk.ask(call(key=REPORT, recipient=HANGING, respond_async=True))
        waiting = [group.create_task(desk.ask(call(recipient=HANGING))) for _ in range(STUCK)]
        await asyncio.sleep(0.2)
        yield
        assert desk._pump._free["hanging"] == 0
        for task in waiting:
            task.cancel()


@pytest.mark.slow
async def test_a_hanging_authority_leaves_the_others_their_throughput(tmp_path: Path) -> None:
    ratios: list[float] = []
    for number in range(MOST_ROUNDS):
        if number >= ROUNDS and median(ratios) >= LEAST:
            break
        async with two_authorities(tmp_path / f"{number}.db") as desk:
            await asyncio.gather(*(desk.ask(call()) for _ in range(CALLERS)))  # warm up
            alone = await answered_per_second(desk)
            async with a_hanging_authority(desk):
                ratios.append(await answered_per_second(desk) / alone)
    assert median(ratios) >= LEAST, ratios
