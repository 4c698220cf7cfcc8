"""One step: durable, then logged, then told."""

from dataclasses import replace

import pytest

from gateway.errors import TransitionConflictError
from gateway.flow.call import Pending, Settled
from gateway.flow.fault_points import FaultPoint
from gateway.flow.journey import Journey
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult
from gateway.messaging.operation import OperationKind
from gateway.messaging.ports import Step
from tests.gateway.flow.neighbours import Neighbours
from tests.gateway.flow.world import MESSAGE_ID, NOON, World, a_message


def step(state: State, result: AttemptResult | None = None) -> Step:
    return Step(
        message_id=MESSAGE_ID,
        start=frozenset({State.DELIVERING}),
        entry=Entry(at=NOON, event="test.event", state=state, attempt=1),
        ends_attempt=result,
    )


async def test_waiter_is_told_after_the_commit() -> None:
    told_at: list[tuple[FaultPoint, bool]] = []
    world = World()
    journey = world.journey
    result = journey.waiting.open(MESSAGE_ID, "main")
    world.hit = lambda point: told_at.append((point, result.done()))
    watched = type(journey)(
        store=world.store,
        clock=world.clock,
        gates=journey.gates,
        waiting=journey.waiting,
        hit=world.hit,
    )
    await world.store.accept(a_message(), [], [])
    after = await watched.move(step(State.ANSWERED), answer=b"{}")
    assert await result == Settled(message=after, answer=b"{}")
    assert told_at == [
        (FaultPoint.STEP_BEFORE_COMMIT, False),
        (FaultPoint.STEP_AFTER_COMMIT, False),
    ]


@pytest.mark.parametrize("state", [State.RETRYING, State.AWAITING_ANSWER])
async def test_query_in_motion_keeps_its_caller_waiting(state: State) -> None:
    world = World()
    journey = world.journey
    result = journey.waiting.open(MESSAGE_ID, "main")
    await world.store.accept(a_message(), [], [])
    await journey.move(step(state))
    assert not result.done()


@pytest.mark.parametrize("state", [State.RETRYING, State.AWAITING_ANSWER])
async def test_submission_in_motion_is_the_gateways(state: State) -> None:
    world = World()
    journey = world.journey
    result = journey.waiting.open(MESSAGE_ID, "main")
    await world.store.accept(a_message(kind=OperationKind.SUBMISSION), [], [])
    after = await journey.move(step(state))
    assert await result == Pending(message=after)


@pytest.mark.parametrize(
    ("result", "event"),
    [
        (AttemptResult.ANSWERED, "answer.late"),
        (AttemptResult.UNREADABLE, "answer.late"),
        (AttemptResult.REFUSED, "answer.late"),
        (AttemptResult.OUTCOME_UNKNOWN, "delivery.failed"),
        (AttemptResult.NOT_SENT, "delivery.failed"),
    ],
)
async def test_end_of_an_expired_messages_attempt_is_an_event(
    result: AttemptResult, event: str
) -> None:
    world = World()
    await world.store.accept(a_message(), [], [])
    await world.journey.move(step(State.EXPIRED))
    after = await world.journey.end_attempt(step(State.ANSWERED, result))
    assert (after.state, after.code) == (State.EXPIRED, "message-expired")
    assert world.story == ["test.event", event]
    assert world.store.tries[MESSAGE_ID][0].result is result


def shared(world: World) -> Journey:
    return replace(world.journey, peers=Neighbours(world.store))


async def test_what_another_process_took_over_stays_as_it_left_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world, own = World(), AttemptResult.OUTCOME_UNKNOWN
    await world.store.accept(a_message(), [], [])
    await world.journey.move(step(State.RETRYING))
    with caplog.at_level("INFO"):
        after = await shared(world).end_attempt(step(State.RETRYING, own))
    assert after == world.only
    assert world.story == ["test.event"]
    assert [vars(record)["event"] for record in caplog.records][-1] == "delivery.superseded"


async def test_an_answer_ends_the_doubt_that_another_process_had() -> None:
    world = World()
    await world.store.accept(a_message(), [], [])
    await world.journey.move(step(State.IN_DOUBT, AttemptResult.INTERRUPTED))
    journey = shared(world)
    result = journey.waiting.open(MESSAGE_ID, "munich")
    after = await journey.end_attempt(step(State.ANSWERED, AttemptResult.ANSWERED), answer=b"{}")
    assert after.state is State.ANSWERED
    assert await result == Settled(message=after, answer=b"{}")
    assert world.store.tries[MESSAGE_ID][0].result is AttemptResult.INTERRUPTED


async def test_end_of_an_attempt_of_a_message_elsewhere_is_a_conflict() -> None:
    world = World()
    await world.store.accept(a_message(), [], [])
    await world.journey.move(step(State.DEAD))
    with pytest.raises(TransitionConflictError):
        await world.journey.end_attempt(step(State.ANSWERED, AttemptResult.ANSWERED))
