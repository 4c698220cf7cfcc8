"""One attempt, and what follows from its failure."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import AuthorityRefusedError, DeliveryError, NotSentError, OutcomeUnknownError
from gateway.flow.deliver import deliver
from gateway.flow.fault_points import FaultPoint
from gateway.messaging.breaker import BreakerPolicy
from gateway.messaging.channel import RetryPolicy
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Stage, StageKind
from gateway.messaging.ports import Receipt, WireAnswer, WireMessage
from tests.gateway.flow.neighbours import Neighbours
from tests.gateway.flow.world import MESSAGE_ID, NOON, Authority, World, a_message

WIRE = Stage(kind=StageKind.WIRE_REQUEST, body=b"<q>", media_type="application/xml")


async def under_way(*replies: DeliveryError | Receipt, stages: tuple[Stage, ...] = ()) -> World:
    world = World(Authority(*replies))
    world.channel = replace(world.channel, retry=RetryPolicy(first_wait=timedelta(seconds=2)))
    await world.store.accept(a_message(), stages, [])
    return world


async def test_stored_wire_form_is_sent_when_none_is_at_hand() -> None:
    world = await under_way(stages=(WIRE,))
    after = await deliver(world.journey, world.lane, a_message())
    assert after.state is State.ANSWERED
    assert world.authority.got[0].body == b"<q>"
    assert world.authority.got[0].content_type == "application/xml"


async def test_lost_wire_form_is_not_sent() -> None:
    world = await under_way()
    after = await deliver(world.journey, world.lane, a_message())
    assert (after.state, after.code) == (State.RETRYING, "not-sent")
    assert world.authority.got == []


async def test_receipt_is_taken() -> None:
    world = await under_way(Receipt())
    after = await deliver(world.journey, world.lane, a_message(), wire=WIRE)
    assert after.state is State.AWAITING_ANSWER


@pytest.mark.parametrize(
    ("failure", "state", "result", "event"),
    [
        (NotSentError("a"), State.RETRYING, AttemptResult.NOT_SENT, "delivery.failed"),
        (
            OutcomeUnknownError("a"),
            State.RETRYING,
            AttemptResult.OUTCOME_UNKNOWN,
            "delivery.failed",
        ),
        (AuthorityRefusedError("a"), State.DEAD, AttemptResult.REFUSED, "message.dead"),
    ],
)
async def test_failure_is_carried_out_as_retry_decides(
    failure: DeliveryError, state: State, result: AttemptResult, event: str
) -> None:
    world = await under_way(failure)
    after = await deliver(world.journey, world.lane, a_message(), wire=WIRE)
    assert (after.state, after.code) == (state, failure.code)
    assert world.store.tries[MESSAGE_ID][0].result is result
    assert world.story == [event]
    assert world.store.events[MESSAGE_ID][0].detail == "a"
    planned = NOON + timedelta(seconds=2) if state is State.RETRYING else None
    assert after.next_attempt_at == planned
    assert world.store.stages == {}


@pytest.mark.parametrize("kind", [NotSentError, OutcomeUnknownError, AuthorityRefusedError])
async def test_bytes_that_came_with_a_failure_are_kept(kind: type[DeliveryError]) -> None:
    world = await under_way(kind("a", body=b"half an ans"))
    await deliver(world.journey, world.lane, a_message(), wire=WIRE)
    assert world.store.stages[MESSAGE_ID, StageKind.WIRE_ANSWER].body == b"half an ans"


async def test_failure_without_bytes_keeps_nothing() -> None:
    world = await under_way(OutcomeUnknownError("a"))
    await deliver(world.journey, world.lane, a_message(), wire=WIRE)
    assert (MESSAGE_ID, StageKind.WIRE_ANSWER) not in world.store.stages


async def test_failure_passes_its_fault_point() -> None:
    passed: list[FaultPoint] = []
    world = await under_way(NotSentError("a"))
    world.hit = passed.append
    await deliver(world.journey, world.lane, a_message(), wire=WIRE)
    assert passed[:2] == [FaultPoint.DELIVER_BEFORE_EXCHANGE, FaultPoint.DELIVER_AFTER_FAILURE]


@pytest.mark.parametrize("alive", [True, False])
async def test_who_may_be_taken_for_dead_sends_nothing(*, alive: bool) -> None:
    world = await under_way()
    neighbours = Neighbours(world.store)
    neighbours.alive = alive
    journey = replace(world.journey, peers=neighbours)
    after = await deliver(journey, world.lane, a_message(), wire=WIRE)
    assert after.state is (State.ANSWERED if alive else State.RETRYING)
    assert len(world.authority.got) == alive


@pytest.mark.parametrize(("patience", "opens"), [(0.5, True), (60, False)])
async def test_an_attempt_that_ends_with_its_message_opens_no_breaker_too_soon(
    *, patience: float, opens: bool
) -> None:
    world = World()

    async def silent(_outgoing: WireMessage) -> WireAnswer:
        await asyncio.sleep(0.3)
        world.clock.advance(timedelta(seconds=30))  # its caller waits no longer
        raise OutcomeUnknownError("x")

    world.authority = Authority(silent)
    policy = BreakerPolicy(failures=1)
    world.channel = replace(world.channel, breaker=policy, timeout=timedelta(seconds=patience))
    await world.store.accept(a_message(), [], [])
    journey = world.journey
    await deliver(journey, world.lane, a_message(), wire=WIRE)
    assert (journey.gates.outage_until("main") is not None) is opens
