"""What one process does for the others: it tells its waiters, takes over, and looks for itself."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from typing_extensions import override

from gateway.flow import together
from gateway.flow.call import Pending, Settled
from gateway.flow.journey import Journey
from gateway.flow.pump import Pump
from gateway.flow.together import Together
from gateway.flow.wait import Result
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, Stage, StageKind
from gateway.messaging.operation import OperationKind
from gateway.messaging.peers import News
from tests.gateway.flow.neighbours import Neighbours
from tests.gateway.flow.world import MESSAGE_ID, World, a_message

ANSWER = Stage(kind=StageKind.CANONICAL_ANSWER, body=b"{}", media_type="application/json")
pytestmark = pytest.mark.usefixtures("running")
ABOUT = News(channels=frozenset(), messages=frozenset({MESSAGE_ID}))


class Woken(Pump):
    """A pump that only notes what it was woken for."""

    def __init__(self) -> None:
        self.channels: list[str | None] = []

    @override
    def wake(self, channel: str) -> None:
        self.channels.append(channel)

    @override
    def look(self) -> None:
        self.channels.append(None)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def neighbours(world: World) -> Neighbours:
    return Neighbours(world.store)


@pytest.fixture
def journey(world: World) -> Journey:
    return world.journey


@pytest.fixture
def pump() -> Woken:
    return Woken()


@pytest.fixture
async def running(journey: Journey, neighbours: Neighbours, pump: Woken) -> AsyncIterator[Together]:
    one = Together(journey, pump, neighbours)
    async with asyncio.TaskGroup() as group:
        one.start(group)
        yield one
        one.stop()


def settle(world: World, **changes: object) -> Message:
    """What another process did to the message."""
    message = replace(world.store.messages[MESSAGE_ID], **changes)  # type: ignore[arg-type]
    world.store.messages[MESSAGE_ID] = message
    return message


async def a_waiter(journey: Journey, kind: OperationKind = OperationKind.QUERY) -> Result:
    await journey.store.accept(a_message(kind=kind), [], [])
    return journey.waiting.open(MESSAGE_ID, "munich")


async def test_a_waiter_hears_what_another_process_brought(
    world: World, journey: Journey, neighbours: Neighbours
) -> None:
    result = await a_waiter(journey)
    message = settle(world, state=State.ANSWERED)
    world.store.stages[MESSAGE_ID, StageKind.CANONICAL_ANSWER] = ANSWER
    neighbours.tell(ABOUT)
    async with asyncio.timeout(1):
        assert await result == Settled(message=message, answer=b"{}")


@pytest.mark.parametrize(
    ("kind", "state", "told"),
    [
        (OperationKind.SUBMISSION, State.RETRYING, Pending),
        (OperationKind.SUBMISSION, State.AWAITING_ANSWER, Pending),
        (OperationKind.SUBMISSION, State.IN_DOUBT, Settled),
        (OperationKind.QUERY, State.DEAD, Settled),
    ],
)
async def test_a_waiter_hears_of_every_end_of_its_wait(
    world: World,
    journey: Journey,
    neighbours: Neighbours,
    kind: OperationKind,
    state: State,
    told: type[Pending | Settled],
) -> None:
    result = await a_waiter(journey, kind)
    message = settle(world, state=state)
    neighbours.tell(ABOUT)
    async with asyncio.timeout(1):
        assert await result == told(message=message)


@pytest.mark.parametrize("state", [State.DELIVERING, State.RETRYING])
async def test_a_query_that_goes_on_is_waited_for(
    world: World, journey: Journey, neighbours: Neighbours, state: State
) -> None:
    result = await a_waiter(journey)
    settle(world, state=state)
    neighbours.tell(ABOUT)
    await asyncio.sleep(0.02)
    assert not result.done()


async def test_the_pump_is_woken_for_what_others_accepted(
    neighbours: Neighbours, pump: Woken
) -> None:
    neighbours.tell(News(channels=frozenset({"munich"}), messages=frozenset()))
    neighbours.tell(News(messages=frozenset()))
    assert pump.channels == ["munich", None]


async def test_news_that_were_lost_are_found_by_looking(
    world: World, journey: Journey, neighbours: Neighbours
) -> None:
    result = await a_waiter(journey)
    message = settle(world, state=State.DEAD)
    neighbours.tell(News())
    async with asyncio.timeout(1):
        assert await result == Settled(message=message)


async def test_it_looks_for_itself(
    world: World,
    journey: Journey,
    neighbours: Neighbours,
    pump: Woken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "LOOK_EACH", together.LOOK_EACH / 50)
    neighbours.tell(News())  # so that the next sleep is a short one
    result = await a_waiter(journey)
    message = settle(world, state=State.DEAD)
    async with asyncio.timeout(1):
        assert await result == Settled(message=message)


async def test_attempts_of_the_dead_are_taken_over(
    world: World, neighbours: Neighbours, pump: Woken
) -> None:
    await world.store.accept(a_message(), [], [])
    neighbours.tell(News())
    await asyncio.sleep(0.02)
    assert world.only.state is State.RETRYING
    assert world.only.channel in pump.channels


async def test_who_may_be_taken_for_dead_takes_nothing_over(
    world: World, neighbours: Neighbours
) -> None:
    neighbours.alive = False
    await world.store.accept(a_message(), [], [])
    neighbours.tell(News())
    await asyncio.sleep(0.02)
    assert world.only.state is State.DELIVERING


async def test_nothing_unforeseen_stops_the_looking(
    world: World, journey: Journey, neighbours: Neighbours, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_name: str) -> None:
        raise KeyError

    world.store.before = fail
    neighbours.tell(News())
    await asyncio.sleep(0.02)
    assert "delivery.unexpected" in [vars(record).get("event") for record in caplog.records]
    world.store.before = lambda _name: None
    result = await a_waiter(journey)
    message = settle(world, state=State.DEAD)
    neighbours.tell(ABOUT)
    async with asyncio.timeout(1):
        assert await result == Settled(message=message)


async def test_a_store_that_is_away_is_looked_at_again(
    world: World, journey: Journey, neighbours: Neighbours
) -> None:
    result = await a_waiter(journey)
    world.store.down = {"interrupted", "next_due_at"}
    neighbours.tell(News())
    await asyncio.sleep(0.02)
    message = settle(world, state=State.DEAD)
    world.store.down = set()
    neighbours.tell(ABOUT)
    async with asyncio.timeout(1):
        assert await result == Settled(message=message)
