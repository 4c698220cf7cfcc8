"""From a call to what its caller is told: the table of kinds, failures and waits."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from gateway.errors import (
    AuthorityRefusedError,
    NotSentError,
    OutcomeUnknownError,
    StoreUnavailableError,
)
from gateway.flow.call import Pending, Settled
from gateway.flow.fault_points import FaultPoint
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import AttemptResult, Message, Stage, StageKind
from gateway.messaging.ports import Receipt, WireAnswer
from gateway.messaging.terms import Terms
from tests.gateway.flow.memory_store import MemoryStore
from tests.gateway.flow.world import SUBMISSION, Authority, Gate, World, answer, ask_for

MOMENT = timedelta(milliseconds=20)
"""A wait that is over at once, but not before the attempt began."""


async def test_query_is_answered() -> None:
    world = World()
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    assert isinstance(told, Settled)
    assert told.answer == b'{"outcome":"answered"}'
    assert told.message == world.only
    assert told.message.state is State.ANSWERED
    assert told.message.outcome is Outcome.ANSWERED
    assert world.story == ["message.accepted", "delivery.started", "message.answered"]
    unusual = {StageKind.KEPT_ANSWER, StageKind.LATER_ANSWER}
    assert {kind for _, kind in world.store.stages} == set(StageKind) - unusual


async def test_rejection_is_an_answer() -> None:
    world = World(Authority(answer(outcome="rejected")))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    assert isinstance(told, Settled)
    assert told.message.state is State.ANSWERED
    assert told.message.outcome is Outcome.REJECTED


async def test_wire_message_carries_the_message_id_and_the_stored_bytes() -> None:
    world = World()
    async with world.running() as desk:
        await desk.ask(ask_for())
    (sent,) = world.authority.got
    assert sent.message_id == world.only.id
    assert sent.body == world.store.stages[world.only.id, StageKind.WIRE_REQUEST].body


async def test_attempt_ends_with_the_wait_or_the_channels_time_out() -> None:
    world = World()
    async with world.running() as desk:
        await desk.ask(ask_for(wait=timedelta(seconds=7)))
        world.store.messages.clear()
        await desk.ask(ask_for(operation=SUBMISSION))
    now = world.clock.now()
    assert world.authority.deadlines == [now + timedelta(seconds=7), now + world.channel.timeout]


@pytest.mark.parametrize("failure", [NotSentError("x"), OutcomeUnknownError("x")])
async def test_query_is_repeated_inside_the_wait(failure: Exception) -> None:
    world = World(Authority(failure, failure, answer()))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    assert isinstance(told, Settled)
    assert told.message.state is State.ANSWERED
    assert told.message.attempts == 3
    assert told.message.code is None
    assert world.story.count("delivery.failed") == 2


async def test_query_that_fails_too_often_is_dead() -> None:
    world = World(Authority(NotSentError("x")))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    assert isinstance(told, Settled)
    assert (told.message.state, told.message.code) == (State.DEAD, "not-sent")
    assert told.answer is None


async def test_refused_message_is_dead_and_keeps_what_was_said() -> None:
    world = World(Authority(AuthorityRefusedError("x", body=b"never")))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    assert isinstance(told, Settled)
    assert told.message.state is State.DEAD
    assert world.store.stages[world.only.id, StageKind.WIRE_ANSWER].body == b"never"


async def test_submission_that_cannot_be_sent_now_is_pending_at_once() -> None:
    world = World(Authority(NotSentError("x", retry_after=timedelta(hours=1))))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
    assert isinstance(told, Pending)
    assert told.message.state is State.RETRYING
    assert world.only.next_attempt_at == world.clock.now() + world.channel.retry.longest_wait


async def test_submission_of_unknown_outcome_is_in_doubt_and_not_sent_again() -> None:
    world = World(Authority(OutcomeUnknownError("x")))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
    assert isinstance(told, Settled)
    assert told.message.state is State.IN_DOUBT
    assert len(world.authority.got) == 1


async def test_receipted_submission_is_pending_and_awaits_its_answer() -> None:
    world = World(Authority(Receipt(reference="r")))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
    assert isinstance(told, Pending)
    assert told.message.state is State.AWAITING_ANSWER


async def test_query_nobody_waits_for_any_more_expires() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk:
        told = await desk.ask(ask_for(wait=MOMENT))
        assert isinstance(told, Settled)
        assert (told.message.state, told.message.code) == (State.EXPIRED, "message-expired")
        gate.go.set()
    assert world.only.state is State.EXPIRED
    assert world.story[-2:] == ["message.expired", "answer.late"]
    assert (world.only.id, StageKind.CANONICAL_ANSWER) not in world.store.stages
    assert (world.only.id, StageKind.WIRE_ANSWER) not in world.store.stages
    assert world.store.tries[world.only.id][0].result is AttemptResult.ANSWERED


async def test_late_failure_of_an_expired_query_is_recorded() -> None:
    gate = Gate()

    async def fails_late(outgoing: Any) -> WireAnswer:
        await gate(outgoing)
        raise OutcomeUnknownError("x")

    world = World(Authority(fails_late))
    async with world.running() as desk:
        await desk.ask(ask_for(wait=MOMENT))
        gate.go.set()
    assert world.story[-2:] == ["message.expired", "delivery.failed"]


async def test_submission_goes_on_when_the_wait_is_over() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION, wait=MOMENT))
        assert isinstance(told, Pending)
        assert told.message.state is State.DELIVERING
        gate.go.set()
    assert world.only.state is State.ANSWERED


async def test_cancelled_waiter_cancels_no_attempt() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk, asyncio.TaskGroup() as group:
        waiter = group.create_task(_told(desk.ask(ask_for())))
        await gate.reached.wait()
        waiter.cancel()
        gate.go.set()
    assert world.only.state is State.ANSWERED


async def test_caller_that_will_not_wait_is_pending_at_once() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk:
        told = await desk.ask(ask_for(respond_async=True))
        assert isinstance(told, Pending)
        assert told.message.state is State.ACCEPTED
        assert told.message.deadline_at == world.clock.now() + timedelta(hours=24)
        gate.go.set()
        await gate.reached.wait()
    assert world.only.state is State.ANSWERED


async def test_full_channel_makes_the_next_caller_wait_its_turn() -> None:
    gate = Gate()
    world = World(Authority(gate, answer()))
    world.channel = replace(world.channel, max_in_flight=1)
    round_done = asyncio.Event()
    world.store.before = lambda name: round_done.set() if name == "next_due_at" else None
    async with world.running() as desk, asyncio.TaskGroup() as group:
        first = group.create_task(desk.ask(ask_for()))
        await gate.reached.wait()
        round_done.clear()
        second = group.create_task(desk.ask(ask_for()))
        await round_done.wait()
        assert len(world.authority.got) == 1
        gate.go.set()
    states = [told.result().message.state for told in (first, second)]
    assert states == [State.ANSWERED, State.ANSWERED]


async def test_nothing_is_accepted_when_the_store_is_down() -> None:
    world = World()
    world.store.down = {"accept"}
    async with world.running() as desk:
        for respond_async in (False, True):
            with pytest.raises(StoreUnavailableError):
                await desk.ask(ask_for(respond_async=respond_async))
    assert world.authority.got == []


async def test_wait_that_ends_before_the_message_is_accepted_is_told_the_end() -> None:
    store = SlowStore()
    world = World(store=store)
    async with world.running() as desk, asyncio.TaskGroup() as group:
        query = group.create_task(desk.ask(ask_for(wait=MOMENT)))
        report = group.create_task(desk.ask(ask_for(operation=SUBMISSION, wait=MOMENT)))
        await asyncio.sleep(0.05)
        store.hold.set()
    assert isinstance(query.result(), Settled)
    assert report.result().message.state is State.ANSWERED


async def test_every_step_passes_its_fault_points_in_order() -> None:
    passed: list[FaultPoint] = []
    world = World(hit=passed.append)
    async with world.running() as desk:
        await desk.ask(ask_for())
    assert [point for point in passed if point is not FaultPoint.PUMP_AFTER_LEASE] == [
        FaultPoint.ACCEPT_BEFORE_COMMIT,
        FaultPoint.ACCEPT_AFTER_COMMIT,
        FaultPoint.DELIVER_BEFORE_EXCHANGE,
        FaultPoint.DELIVER_AFTER_ANSWER,
        FaultPoint.STEP_BEFORE_COMMIT,
        FaultPoint.STEP_AFTER_COMMIT,
        FaultPoint.ASK_BEFORE_RESPONSE,
    ]


class SlowStore(MemoryStore):
    """Commits new messages only when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.hold = asyncio.Event()

    @override
    async def accept(
        self,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        *,
        claim: Claim | None = None,
        terms: Terms | None = None,
    ) -> Message:
        await self.hold.wait()
        return await super().accept(message, stages, entries, claim=claim, terms=terms)


async def _told(asking: Coroutine[Any, Any, Settled | Pending]) -> Settled | Pending | None:
    try:
        return await asking
    except asyncio.CancelledError:
        return None
