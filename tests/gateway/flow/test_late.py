"""Answers that come on their own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import AuthorityRefusedError, OutcomeUnknownError, UnknownMessageError
from gateway.flow.expire import expire_overdue
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import MessageId, StageKind
from gateway.messaging.ports import Receipt, WireAnswer
from tests.gateway.flow.world import (
    CALLER,
    SUBMISSION,
    Authority,
    Gate,
    Reply,
    World,
    answer,
    ask_for,
)

LATE = answer(outcome="rejected", late=True)
RUBBISH = WireAnswer(body=b"?", content_type="text/plain")


async def arrive(world: World, state: State) -> None:
    """Bring a submission into a state in which an answer may come on its own."""
    async with world.running() as desk:
        await desk.ask(ask_for(operation=SUBMISSION))
        if state is State.UNANSWERED:
            world.clock.advance(timedelta(days=2))
            await expire_overdue(world.journey)
    assert world.only.state is state


WAITING: list[tuple[Reply, State]] = [
    (Receipt(), State.AWAITING_ANSWER),
    (Receipt(), State.UNANSWERED),
    (OutcomeUnknownError("?"), State.IN_DOUBT),
]


@pytest.mark.parametrize(("reply", "state"), WAITING)
async def test_it_settles_a_message_that_waits_for_it(reply: Reply, state: State) -> None:
    world = World(Authority(reply))
    await arrive(world, state)
    async with world.running() as desk:
        message = await desk.take_answer(world.only.id, LATE)
        assert (message.state, message.outcome) == (State.ANSWERED, Outcome.REJECTED)
        assert b"late" in (await desk.answer(CALLER, message.id)).body
    assert world.story[-1] == "message.answered"


@pytest.mark.parametrize(("reply", "state"), WAITING)
async def test_one_that_cannot_be_read_is_kept(reply: Reply, state: State) -> None:
    world = World(Authority(reply))
    await arrive(world, state)
    async with world.running() as desk:
        message = await desk.take_answer(world.only.id, RUBBISH)
    awaited = state is State.AWAITING_ANSWER
    assert message.state is (State.INVALID if awaited else state)
    kind = StageKind.WIRE_ANSWER if awaited else StageKind.LATER_ANSWER
    kept = world.store.stages[message.id, kind]
    assert (kept.body, kept.media_type) == (b"?", "text/plain")
    assert world.store.events[message.id][-1].code == "answer-unreadable"


@pytest.mark.parametrize("reply", [answer(), RUBBISH, AuthorityRefusedError("no")])
async def test_of_a_settled_message_it_is_an_event_and_a_stage(reply: Reply) -> None:
    world = World(Authority(reply))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
        before = world.store.stages.copy()
        message = await desk.take_answer(told.message.id, LATE)
    assert message.state is told.message.state
    assert message.outcome is told.message.outcome
    assert world.story[-1] == "answer.late"
    added = world.store.stages.keys() - before.keys()
    assert added == {(message.id, StageKind.LATER_ANSWER)}
    assert all(world.store.stages[key] == stage for key, stage in before.items())


async def test_what_answers_an_expired_query_is_not_kept() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk:
        told = await desk.ask(ask_for(wait=timedelta(milliseconds=10)))
        gate.go.set()
        message = await desk.take_answer(told.message.id, LATE)
    assert message.state is State.EXPIRED
    assert (message.id, StageKind.LATER_ANSWER) not in world.store.stages
    assert "answer.late" in world.story


async def test_a_channel_that_is_gone_reads_nothing() -> None:
    world = World(Authority(Receipt()))
    await arrive(world, State.AWAITING_ANSWER)
    world.store.messages[world.only.id] = replace(world.only, channel="gone")
    async with world.running() as desk:
        message = await desk.take_answer(world.only.id, LATE)
    assert message.state is State.INVALID


async def test_an_answer_to_nothing_is_refused() -> None:
    async with World().running() as desk:
        with pytest.raises(UnknownMessageError):
            await desk.take_answer(MessageId("none"), LATE)
