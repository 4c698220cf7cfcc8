"""Who waits for a channel through which nothing leaves is told so, and nothing is sent later."""

from datetime import timedelta

import pytest

from gateway.errors import ChannelPausedError
from gateway.flow.call import Pending, Settled
from gateway.flow.dismiss import dismiss
from gateway.flow.gate import Hold
from gateway.messaging.lifecycle import State
from gateway.messaging.operation import OperationKind
from tests.gateway.flow.world import MESSAGE_ID, NOON, World, a_message

HOLD = Hold(kind=ChannelPausedError, detail="It is paused.", until=NOON + timedelta(hours=1))


@pytest.mark.parametrize("state", [State.ACCEPTED, State.RETRYING])
async def test_a_query_ends_with_the_reason(state: State) -> None:
    world = World()
    journey = world.journey
    await world.store.accept(a_message(state=state, next_attempt_at=NOON), [], [])
    result = journey.waiting.open(MESSAGE_ID, "main")
    await dismiss(journey, "main", HOLD)
    told = result.result()
    assert isinstance(told, Settled)
    assert (told.message.state, told.message.code) == (State.EXPIRED, "channel-paused")
    assert world.only.next_attempt_at is None
    assert world.store.events[MESSAGE_ID][-1].detail == "It is paused."


async def test_of_anything_else_the_gateway_takes_care() -> None:
    world = World()
    journey = world.journey
    message = a_message(state=State.RETRYING, kind=OperationKind.SUBMISSION, next_attempt_at=NOON)
    await world.store.accept(message, [], [])
    result = journey.waiting.open(MESSAGE_ID, "main")
    await dismiss(journey, "main", HOLD)
    assert result.result() == Pending(message=message)
    assert world.only == message


async def test_what_is_on_its_way_or_elsewhere_is_left_alone() -> None:
    world = World()
    journey = world.journey
    result = journey.waiting.open(MESSAGE_ID, "main")
    await dismiss(journey, "main", HOLD)  # not accepted yet
    await world.store.accept(a_message(), [], [])
    await dismiss(journey, "main", HOLD)
    world.store.messages[MESSAGE_ID] = a_message(state=State.ACCEPTED)
    await dismiss(journey, "other", HOLD)
    assert not result.done()


async def test_a_query_that_leaves_in_the_same_moment_goes_on() -> None:
    world = World()
    journey = world.journey
    await world.store.accept(a_message(state=State.ACCEPTED), [], [])
    result = journey.waiting.open(MESSAGE_ID, "main")

    def leaves(name: str) -> None:
        if name == "advance":
            world.store.messages[MESSAGE_ID] = a_message(state=State.DELIVERING)

    world.store.before = leaves
    await dismiss(journey, "main", HOLD)
    assert not result.done()
    assert world.only.state is State.DELIVERING
