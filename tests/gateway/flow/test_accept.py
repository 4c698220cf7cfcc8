"""A message becomes durable with its content and its first events."""

from datetime import timedelta

import pytest

from gateway.errors import StoreUnavailableError
from gateway.flow.accept import accept, new_message, waiting_time
from gateway.flow.fault_points import FaultPoint
from gateway.messaging.lifecycle import State
from tests.gateway.flow.world import (
    AUTHORITY,
    MESSAGE_ID,
    NOON,
    QUERY,
    SUBMISSION,
    World,
    ask_for,
)


@pytest.mark.parametrize(
    ("wished", "waits"),
    [(None, 30), (timedelta(seconds=5), 5), (timedelta(hours=1), 30)],
)
def test_caller_waits_at_most_the_operations_deadline(wished: timedelta, waits: int) -> None:
    assert waiting_time(ask_for(wait=wished), QUERY) == timedelta(seconds=waits)
    assert waiting_time(ask_for(wait=wished, respond_async=True), QUERY) is None


def test_message_copies_what_a_restart_must_know() -> None:
    call = ask_for(purpose="p", case_reference="c", traceparent="t", operation=SUBMISSION)
    message = new_message(call, World().checked(call), now=NOON, begins=False)
    assert (message.id, message.authority, message.channel) == (MESSAGE_ID, AUTHORITY, "main")
    assert (message.kind, message.repeatable) == (SUBMISSION.kind, SUBMISSION.repeatable)
    assert (message.purpose, message.case_reference, message.traceparent) == ("p", "c", "t")
    assert (message.state, message.next_attempt_at, message.attempts) == (State.ACCEPTED, NOON, 0)


def test_query_is_worth_sending_only_while_its_caller_waits() -> None:
    world = World()
    waited = ask_for(wait=timedelta(seconds=5))
    later = ask_for(respond_async=True)
    report = ask_for(operation=SUBMISSION)
    deadlines = [
        new_message(call, world.checked(call), now=NOON, begins=True).deadline_at - NOON
        for call in (waited, later, report)
    ]
    assert deadlines == [timedelta(seconds=5), timedelta(hours=24), timedelta(hours=24)]


@pytest.mark.parametrize("begins", [True, False])
async def test_first_attempt_is_part_of_the_acceptance_of_a_waited_call(*, begins: bool) -> None:
    world = World()
    checked = world.checked(ask_for())
    message = new_message(ask_for(), checked, now=NOON, begins=begins)
    await accept(world.journey, message, checked)
    first = [("message.accepted", State.ACCEPTED, None)]
    then = [("delivery.started", State.DELIVERING, 1)]
    events = world.store.events[MESSAGE_ID]
    assert [(e.event, e.state, e.attempt) for e in events] == first + then * begins
    assert len(world.store.tries[MESSAGE_ID]) == begins


async def test_nothing_is_kept_when_the_store_is_down() -> None:
    passed: list[FaultPoint] = []
    world = World(hit=passed.append)
    world.store.down = {"accept"}
    checked = world.checked(ask_for())
    message = new_message(ask_for(), checked, now=NOON, begins=True)
    with pytest.raises(StoreUnavailableError):
        await accept(world.journey, message, checked)
    assert passed == [FaultPoint.ACCEPT_BEFORE_COMMIT]
    assert world.store.messages == {}
