"""Repeated calls: each state of the first message, and both at once."""

import asyncio
from datetime import timedelta

import pytest

from gateway.errors import (
    AuthorityRefusedError,
    IdempotencyInProgressError,
    IdempotencyKeyMissingError,
    IdempotencyMismatchError,
    MessageInDoubtError,
    NotExpressibleError,
    NotSentError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ResultErasedError,
)
from gateway.flow.call import Call, Pending, Settled
from gateway.flow.expire import expire_overdue
from gateway.messaging.lifecycle import State
from gateway.messaging.message import StageKind
from gateway.messaging.operation import Operation
from gateway.messaging.party import Caller
from gateway.messaging.ports import Receipt, WireAnswer
from tests.gateway.flow.world import (
    CALLER,
    QUERY,
    SUBMISSION,
    Authority,
    Gate,
    World,
    answer,
    ask_for,
)

MOMENT = timedelta(milliseconds=20)


def keyed(operation: Operation = SUBMISSION, **fields: object) -> Call:
    return ask_for(operation=operation, **{"idempotency_key": "k", **fields})


@pytest.mark.parametrize("operation", [QUERY, SUBMISSION])
async def test_an_answered_call_gets_its_first_answer(operation: Operation) -> None:
    world = World()
    async with world.running() as desk:
        first = await desk.ask(keyed(operation))
        second = await desk.ask(keyed(operation))
    assert isinstance(first, Settled)
    assert isinstance(second, Settled)
    assert (first.replayed, second.replayed) == (False, True)
    assert (second.message.id, second.answer) == (first.message.id, first.answer)
    assert len(world.authority.got) == 1


async def test_who_will_not_wait_gets_the_answer_too() -> None:
    world = World()
    async with world.running() as desk:
        await desk.ask(keyed())
        second = await desk.ask(keyed(respond_async=True))
    assert isinstance(second, Settled)


async def test_an_answer_that_is_gone_is_said_to_be_gone() -> None:
    world = World()
    async with world.running() as desk:
        first = await desk.ask(keyed())
        del world.store.stages[first.message.id, StageKind.CANONICAL_ANSWER]
        with pytest.raises(ResultErasedError) as caught:
            await desk.ask(keyed())
    assert caught.value.message_id == first.message.id


async def test_a_repeat_waits_beside_the_first_caller() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk, asyncio.TaskGroup() as group:
        calls = [group.create_task(desk.ask(keyed())) for _ in range(5)]
        await gate.reached.wait()
        late = group.create_task(desk.ask(keyed()))
        await asyncio.sleep(0.01)
        gate.go.set()
    told = [task.result() for task in (*calls, late)]
    assert {type(one) for one in told} == {Settled}
    assert len({one.message.id for one in told}) == 1
    assert sorted(one.replayed for one in told) == [False, *[True] * 5]
    assert len(world.authority.got) == 1


async def test_a_repeat_whose_wait_is_over_is_told_to_come_again() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk, asyncio.TaskGroup() as group:
        first = group.create_task(desk.ask(keyed(QUERY)))
        await gate.reached.wait()
        with pytest.raises(IdempotencyInProgressError) as caught:
            await desk.ask(keyed(QUERY, wait=MOMENT))
        assert caught.value.message_id == world.only.id
        submitted = await desk.ask(keyed(QUERY, respond_async=True))
        assert isinstance(submitted, Pending)
        gate.go.set()
    assert first.result().message.state is State.ANSWERED


async def test_a_submission_under_way_stays_pending() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk:
        await desk.ask(keyed(wait=MOMENT))
        told = await desk.ask(keyed(wait=MOMENT))
        assert isinstance(told, Pending)
        assert told.replayed
        gate.go.set()
    assert len(world.authority.got) == 1


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (NotSentError("x", retry_after=timedelta(hours=1)), State.RETRYING),
        (Receipt(reference="r"), State.AWAITING_ANSWER),
    ],
)
async def test_a_submission_that_the_gateway_owns_is_pending_at_once(
    reply: NotSentError | Receipt, state: State
) -> None:
    world = World(Authority(reply))
    async with world.running() as desk:
        await desk.ask(keyed())
        told = await desk.ask(keyed())
    assert isinstance(told, Pending)
    assert (told.message.state, told.replayed) == (state, True)
    assert len(world.authority.got) == 1


@pytest.mark.parametrize("operation", [QUERY, SUBMISSION])
async def test_a_dead_message_is_delivered_once_more(operation: Operation) -> None:
    world = World(Authority(AuthorityRefusedError("no"), answer()))
    async with world.running() as desk:
        first = await desk.ask(keyed(operation))
        assert first.message.state is State.DEAD
        second = await desk.ask(keyed(operation))
    assert isinstance(second, Settled)
    assert second.message.id == first.message.id
    assert second.message.state is State.ANSWERED
    assert len(world.authority.got) == 2


async def test_many_repeats_of_a_dead_message_deliver_it_once() -> None:
    gate = Gate()
    world = World(Authority(AuthorityRefusedError("no"), gate))
    async with world.running() as desk, asyncio.TaskGroup() as group:
        await desk.ask(keyed())
        repeats = [group.create_task(desk.ask(keyed())) for _ in range(5)]
        await gate.reached.wait()
        gate.go.set()
    assert {task.result().message.state for task in repeats} == {State.ANSWERED}
    assert len(world.authority.got) == 2


async def test_doubt_is_told_and_never_repeated() -> None:
    world = World(Authority(OutcomeUnknownError("?")))
    async with world.running() as desk:
        first = await desk.ask(keyed())
        with pytest.raises(MessageInDoubtError) as caught:
            await desk.ask(keyed())
    assert caught.value.message_id == first.message.id
    assert len(world.authority.got) == 1


async def test_an_unreadable_answer_stays_unreadable() -> None:
    world = World(Authority(WireAnswer(body=b"?")))
    async with world.running() as desk:
        await desk.ask(keyed())
        told = await desk.ask(keyed())
    assert isinstance(told, Settled)
    assert (told.message.state, told.replayed) == (State.INVALID, True)
    assert len(world.authority.got) == 1


async def test_a_cancelled_message_stays_cancelled() -> None:
    world = World(Authority(NotSentError("x", retry_after=timedelta(hours=1))))
    async with world.running() as desk:
        first = await desk.ask(keyed())
        await desk.cancel(CALLER, first.message.id)
        told = await desk.ask(keyed())
    assert isinstance(told, Settled)
    assert told.message.state is State.CANCELLED
    assert len(world.authority.got) == 1


async def test_an_unanswered_submission_is_not_sent_again() -> None:
    world = World(Authority(Receipt()))
    async with world.running() as desk:
        first = await desk.ask(keyed())
        world.clock.advance(timedelta(days=2))
        await expire_overdue(world.journey)
        assert world.only.state is State.UNANSWERED
        told = await desk.ask(keyed())
    assert told.message.id == first.message.id
    assert isinstance(told, Pending)
    assert told.message.state is State.UNANSWERED


async def test_an_expired_query_is_asked_anew() -> None:
    gate = Gate()
    world = World(Authority(gate, answer()))
    async with world.running() as desk:
        first = await desk.ask(keyed(QUERY, wait=MOMENT))
        assert first.message.state is State.EXPIRED
        second = await desk.ask(keyed(QUERY))
        third = await desk.ask(keyed(QUERY))
        gate.go.set()
    assert second.message.id != first.message.id
    assert (second.replayed, third.replayed) == (False, True)
    assert third.message.id == second.message.id


@pytest.mark.parametrize("state", [State.ANSWERED, State.EXPIRED])
async def test_another_call_with_the_same_key_is_refused(state: State) -> None:
    gate = Gate()
    world = World(Authority(gate))
    if state is State.ANSWERED:
        gate.go.set()
    async with world.running() as desk:
        first = await desk.ask(keyed(QUERY, wait=MOMENT))
        assert first.message.state is state
        with pytest.raises(IdempotencyMismatchError):
            await desk.ask(keyed(QUERY, body=b'{"name":"Bob"}'))
        gate.go.set()
    assert len(world.store.messages) == 1


async def test_keys_of_others_and_of_other_operations_are_other_keys() -> None:
    world = World()
    other = Caller(name="other", party=CALLER.party, grants=CALLER.grants)
    async with world.running() as desk:
        calls = [keyed(), keyed(QUERY), keyed(caller=other), keyed(idempotency_key="K")]
        told = [await desk.ask(call) for call in calls]
    assert not any(one.replayed for one in told)
    assert len(world.store.messages) == len(calls)


async def test_a_submission_without_a_key_is_refused() -> None:
    world = World()
    async with world.running() as desk:
        with pytest.raises(IdempotencyKeyMissingError):
            await desk.ask(ask_for(operation=SUBMISSION, idempotency_key=None))
    assert not world.store.messages


async def test_permission_is_checked_on_every_repeat() -> None:
    world = World()
    dismissed = Caller(name=CALLER.name, party=CALLER.party, grants=())
    async with world.running() as desk:
        await desk.ask(keyed())
        with pytest.raises(PermissionDeniedError):
            await desk.ask(keyed(caller=dismissed))


async def test_a_refused_call_takes_no_key() -> None:
    world = World()
    async with world.running() as desk:
        with pytest.raises(NotExpressibleError):
            await desk.ask(keyed(body=b'{"name":"<"}'))
        told = await desk.ask(keyed())
    assert isinstance(told, Settled)
    assert not told.replayed
