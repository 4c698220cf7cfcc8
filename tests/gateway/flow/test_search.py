"""A caller reads its own messages, and learns nothing about others'."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import AnswerNotReadyError, ResultErasedError, UnknownMessageError
from gateway.flow.desk import Desk
from gateway.messaging.message import MessageId, StageKind
from gateway.messaging.party import Caller
from gateway.messaging.ports import MessageFilter
from tests.gateway.flow.world import CALLER, World, ask_for

READS: list[Callable[[Desk], Callable[[Caller, MessageId], Awaitable[Any]]]] = [
    lambda desk: desk.message,
    lambda desk: desk.history,
    lambda desk: desk.attempts,
    lambda desk: desk.ledger,
    lambda desk: desk.answer,
]


async def test_own_message_is_read_whole() -> None:
    world = World()
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        mine = told.message.id
        assert await desk.message(CALLER, mine) == told.message
        assert [event.number for event in await desk.history(CALLER, mine)] == [1, 2, 3]
        assert [attempt.number for attempt in await desk.attempts(CALLER, mine)] == [1]
        assert set(await desk.ledger(CALLER, mine)) == {
            StageKind.WIRE_REQUEST,
            StageKind.WIRE_ANSWER,
        }
        assert (await desk.answer(CALLER, mine)).body == b'{"outcome":"answered"}'


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    "stranger", [replace(CALLER, name="other"), replace(CALLER, tenant="other")]
)
async def test_foreign_message_is_as_unknown_as_none(
    read: Callable[[Desk], Callable[[Caller, MessageId], Awaitable[Any]]], stranger: Caller
) -> None:
    world = World()
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        with pytest.raises(UnknownMessageError) as foreign:
            await read(desk)(stranger, told.message.id)
        with pytest.raises(UnknownMessageError) as missing:
            await read(desk)(CALLER, MessageId("none"))
    assert foreign.value.detail == missing.value.detail


async def test_answer_that_is_not_there_yet_names_the_state() -> None:
    world = World()
    async with world.running() as desk:
        world.store.down = {"lease_due"}
        told = await desk.ask(ask_for(respond_async=True))
        with pytest.raises(AnswerNotReadyError, match="accepted"):
            await desk.answer(CALLER, told.message.id)


async def test_an_answer_that_was_erased_is_said_to_be_gone() -> None:
    world = World()
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        del world.store.stages[told.message.id, StageKind.CANONICAL_ANSWER]
        with pytest.raises(ResultErasedError):
            await desk.answer(CALLER, told.message.id)


async def test_list_is_always_of_ones_own() -> None:
    world = World()
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        everything = MessageFilter(tenant="another", caller="another")
        assert await desk.messages(CALLER, everything, limit=5) == ([told.message], None)
        stranger = replace(CALLER, name="other")
        assert await desk.messages(stranger, everything, limit=5) == ([], None)
