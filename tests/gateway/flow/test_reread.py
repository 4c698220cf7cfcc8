"""Reading an unreadable answer once more."""

from dataclasses import replace

import pytest
from typing_extensions import override

from gateway.errors import AnswerUnreadableError, ContentErasedError, TransitionConflictError
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import StageKind
from gateway.messaging.ports import WireAnswer
from tests.gateway.flow.world import (
    CALLER,
    Authority,
    PlainExchange,
    PlainRead,
    World,
    answer,
    ask_for,
)

UNREADABLE = WireAnswer(body=b"{}", content_type="text/plain")


def corrected(world: World) -> None:
    """The adapter's map is corrected: from now on it reads what it could not."""
    other = answer(outcome="rejected").body

    class Corrected(PlainExchange):
        @override
        def read_answer(self, data: bytes) -> PlainRead:
            return super().read_answer(other if data == UNREADABLE.body else data)

    world.exchange.__class__ = Corrected


async def test_a_corrected_map_reads_the_kept_bytes_and_sends_nothing() -> None:
    world = World(Authority(UNREADABLE))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        assert told.message.state is State.INVALID
        corrected(world)
        message = await desk.reread(CALLER, told.message.id)
        assert (message.state, message.outcome) == (State.ANSWERED, Outcome.REJECTED)
        assert (await desk.answer(CALLER, message.id)).body == b'{"outcome":"rejected"}'
    assert world.story[-1] == "answer.reread"
    assert len(world.authority.got) == 1
    kept = world.store.stages[world.only.id, StageKind.WIRE_ANSWER]
    assert (kept.body, kept.media_type) == (UNREADABLE.body, "text/plain")
    assert kept.map_version == "plain/search@1"


async def test_what_still_cannot_be_read_changes_nothing() -> None:
    world = World(Authority(UNREADABLE))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        before = list(world.story)
        with pytest.raises(AnswerUnreadableError):
            await desk.reread(CALLER, told.message.id)
    assert world.only.state is State.INVALID
    assert world.story == before


async def test_only_an_unreadable_answer_is_read_again() -> None:
    world = World()
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        with pytest.raises(TransitionConflictError):
            await desk.reread(CALLER, told.message.id)


async def test_an_erased_answer_cannot_be_read_again() -> None:
    world = World(Authority(UNREADABLE))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        del world.store.stages[told.message.id, StageKind.WIRE_ANSWER]
        with pytest.raises(ContentErasedError, match="not kept"):
            await desk.reread(CALLER, told.message.id)


async def test_a_channel_that_is_gone_reads_nothing() -> None:
    world = World(Authority(UNREADABLE))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        moved = replace(world.store.messages[told.message.id], channel="gone")
        world.store.messages[told.message.id] = moved
        with pytest.raises(AnswerUnreadableError, match="No map"):
            await desk.reread(CALLER, told.message.id)
