"""Attempts that a crash cut off count as sent."""

from datetime import timedelta

import pytest

from gateway.flow.recover import recover
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult
from gateway.messaging.operation import OperationKind
from tests.gateway.flow.world import MESSAGE_ID, World, a_message


@pytest.mark.parametrize(
    ("repeatable", "late", "rests", "event"),
    [
        (True, False, "retrying", "delivery.interrupted"),
        (True, True, "expired", "message.expired"),
        (False, False, "in_doubt", "message.in_doubt"),
        (False, True, "in_doubt", "message.in_doubt"),
    ],
)
async def test_interrupted_attempt_is_repeated_only_where_that_does_no_harm(
    *, repeatable: bool, late: bool, rests: str, event: str
) -> None:
    world = World()
    kind = OperationKind.QUERY if repeatable else OperationKind.SUBMISSION
    await world.store.accept(a_message(repeatable=repeatable, kind=kind), [], [])
    world.clock.advance(timedelta(seconds=40) * late)
    await recover(world.journey)
    assert (world.only.state, world.story) == (rests, [event])
    assert world.only.next_attempt_at == (world.clock.now() if rests == "retrying" else None)
    assert world.store.tries[MESSAGE_ID][0].result is AttemptResult.INTERRUPTED


async def test_messages_at_rest_are_left() -> None:
    world = World()
    await world.store.accept(a_message(state=State.RETRYING), [], [])
    await recover(world.journey)
    assert world.story == []


async def test_what_another_process_took_over_meanwhile_is_left_to_it() -> None:
    world = World()
    await world.store.accept(a_message(), [], [])

    def taken_over(name: str) -> None:
        if name == "advance":
            world.store.messages[MESSAGE_ID] = a_message(state=State.RETRYING)

    world.store.before = taken_over
    assert await recover(world.journey) == []
    assert world.story == []
