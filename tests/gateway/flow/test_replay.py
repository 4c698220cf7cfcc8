"""Replay and cancel: what may be sent again, and what may still be withdrawn."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import (
    AuthorityRefusedError,
    ContentErasedError,
    NotSentError,
    OutcomeUnknownError,
    PermissionDeniedError,
    TransitionConflictError,
    UnknownMessageError,
)
from gateway.flow.call import Settled
from gateway.messaging.channel import RetryPolicy
from gateway.messaging.lifecycle import State
from gateway.messaging.party import Caller
from tests.gateway.flow.world import (
    CALLER,
    SUBMISSION,
    Authority,
    Gate,
    World,
    answer,
    ask_for,
)

STRANGER = Caller(name="stranger", party=CALLER.party, grants=CALLER.grants)
DISMISSED = Caller(name=CALLER.name, party=CALLER.party, grants=())


async def test_a_dead_message_is_delivered_once_more_as_it_was() -> None:
    world = World(Authority(AuthorityRefusedError("no"), answer()))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
        assert told.message.state is State.DEAD
        world.clock.advance(timedelta(days=3))
        replayed = await desk.replay(CALLER, told.message.id)
        assert replayed.state is State.ACCEPTED
        assert replayed.deadline_at == world.clock.now() + SUBMISSION.async_deadline
        await world.reaches(State.ANSWERED)
    first, second = world.authority.got
    assert (first.body, first.message_id) == (second.body, second.message_id)
    assert world.story[-3:] == ["message.replayed", "delivery.started", "message.answered"]
    assert world.only.attempts == 2


async def test_what_was_erased_cannot_be_sent_again() -> None:
    world = World(Authority(AuthorityRefusedError("no")))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
        world.store.stages.clear()
        with pytest.raises(ContentErasedError):
            await desk.replay(CALLER, told.message.id)
    assert world.only.state is State.DEAD


async def test_doubt_needs_the_word_that_nothing_was_taken() -> None:
    world = World(Authority(OutcomeUnknownError("?"), answer()))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
        with pytest.raises(TransitionConflictError):
            await desk.replay(CALLER, told.message.id)
        assert world.only.state is State.IN_DOUBT
        await desk.replay(CALLER, told.message.id, not_taken=True)
        await world.reaches(State.ANSWERED)
    details = [event.detail for event in world.store.events[world.only.id]]
    assert "The authority was asked and does not have it." in details


async def test_an_answered_message_is_not_sent_again() -> None:
    world = World()
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        with pytest.raises(TransitionConflictError):
            await desk.replay(CALLER, told.message.id, not_taken=True)
    assert len(world.authority.got) == 1


async def test_others_neither_replay_nor_cancel_nor_reread() -> None:
    world = World(Authority(AuthorityRefusedError("no")))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        for act in (desk.replay, desk.cancel, desk.reread):
            with pytest.raises(UnknownMessageError):
                await act(STRANGER, told.message.id)
        with pytest.raises(PermissionDeniedError):
            await desk.replay(DISMISSED, told.message.id)
    assert world.only.state is State.DEAD


async def test_a_message_that_waits_for_its_next_attempt_is_withdrawn() -> None:
    world = World(Authority(NotSentError("x", retry_after=timedelta(hours=1))))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
        assert told.message.state is State.RETRYING
        cancelled = await desk.cancel(CALLER, told.message.id)
        assert cancelled.state is State.CANCELLED
        assert cancelled.next_attempt_at is None
        with pytest.raises(TransitionConflictError):
            await desk.cancel(CALLER, told.message.id)
    assert world.story[-1] == "message.cancelled"
    assert len(world.authority.got) == 1


async def test_a_message_on_its_way_is_not_withdrawn() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk, asyncio.TaskGroup() as group:
        group.create_task(desk.ask(ask_for()))
        await gate.reached.wait()
        with pytest.raises(TransitionConflictError):
            await desk.cancel(CALLER, world.only.id)
        gate.go.set()
    assert world.only.state is State.ANSWERED


async def test_the_history_says_that_a_withdrawn_message_may_have_arrived() -> None:
    world = World(Authority(OutcomeUnknownError("?")))
    patient = RetryPolicy(first_wait=timedelta(seconds=20), max_attempts=3)
    world.channel = replace(world.channel, retry=patient)
    async with world.running() as desk, asyncio.TaskGroup() as group:
        asking = group.create_task(desk.ask(ask_for()))
        await world.reaches(State.RETRYING)
        await desk.cancel(CALLER, world.only.id)
        told = await asking
    assert isinstance(told, Settled)
    assert told.message.state is State.CANCELLED
    last = world.store.events[world.only.id][-1]
    assert last.detail == "An earlier attempt may have reached the authority."
