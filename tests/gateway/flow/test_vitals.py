"""One look at the gateway, and who shares it."""

import asyncio

import pytest

from gateway.flow.pulse import Pulse
from gateway.flow.vitals import Glance, Vitals, look
from gateway.messaging.breaker import BreakerState
from gateway.messaging.condition import ChannelCondition, Queue
from gateway.messaging.lifecycle import State
from gateway.messaging.order import Line
from gateway.messaging.sequence import Missing
from tests.gateway.flow.world import NOON, World, a_message

FREE = ChannelCondition(
    breaker=BreakerState.CLOSED, paused=False, window_open=True, free_since=NOON
)


async def test_a_look_sees_what_waits_and_what_stands() -> None:
    world = World()
    waiting = a_message(state=State.ACCEPTED, next_attempt_at=NOON)
    await world.store.accept(waiting, [], [])
    vitals = await look(world.store, Pulse(), world.journey.gates, now=NOON, accepts=True)
    assert vitals == Vitals(
        at=NOON,
        accepts=True,
        writes=True,
        free_bytes=2**40,
        queues=[Queue(channel="main", waiting=1, due_since=NOON)],
        standing={State.ACCEPTED: 1},
        lines=[],
        missing=[],
        channels={"main": FREE},
    )


async def test_a_look_sees_lines_and_gaps() -> None:
    world = World()
    line = Line(channel="main", keys=1, waiting=2, held_up=0, held_up_since=None)
    missing = Missing(channel="main", sequence="file", count=2)
    world.store.told_lines.append(line)
    world.store.numbers.told_missing.append(missing)
    vitals = await look(world.store, Pulse(), world.journey.gates, now=NOON, accepts=True)
    assert (vitals.lines, vitals.missing) == ([line], [missing])


@pytest.mark.parametrize("call", ["condition", "queues", "lines"])
async def test_a_store_that_does_not_answer_is_a_finding(call: str) -> None:
    world = World()
    world.store.down.add(call)
    vitals = await look(world.store, Pulse(), world.journey.gates, now=NOON, accepts=True)
    assert vitals == Vitals(at=NOON, accepts=True, writes=False, channels={"main": FREE})


async def test_all_who_ask_at_once_share_one_look() -> None:
    looks = 0

    async def take() -> Vitals:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.01)
        return Vitals(at=NOON, accepts=True)

    glance = Glance(take)
    await asyncio.gather(*(glance.vitals() for _ in range(20)))
    assert looks == 1
    glance.forget()
    await glance.vitals()
    assert looks == 2


async def test_a_look_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def take() -> Vitals:
        nonlocal looks
        looks += 1
        return Vitals(at=NOON, accepts=True)

    monkeypatch.setattr("gateway.flow.vitals.FRESH_SECONDS", 0.01)
    glance = Glance(take)
    await glance.vitals()
    await asyncio.sleep(0.02)
    await glance.vitals()
    assert looks == 2
