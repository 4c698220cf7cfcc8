"""What operators have done with channels."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import ChannelPausedError, PermissionDeniedError, UnknownChannelError
from gateway.flow.call import Pending
from gateway.flow.desk import Desk
from gateway.messaging.channel_state import ChannelEvent
from gateway.messaging.lifecycle import State
from tests.gateway.flow.world import CALLER, NOON, SUBMISSION, World, ask_for

OPERATOR = replace(CALLER, name="control-room", operator=True)


@asynccontextmanager
async def running(world: World) -> AsyncIterator[Desk]:
    async with world.running() as desk:
        yield desk


async def test_an_untouched_channel_is_listed() -> None:
    async with running(World()) as desk:
        (view,) = await desk.channels.listed(OPERATOR)
    assert (view.name, view.pause, view.opens_at, view.waiting) == ("main", None, None, 0)


async def test_while_it_is_paused_messages_wait_and_queries_are_refused() -> None:
    world = World()
    async with running(world) as desk:
        view = await desk.channels.pause(OPERATOR, "main", reason="Wartung")
        assert view.pause is not None
        assert (view.pause.by, view.pause.reason) == ("control-room", "Wartung")
        with pytest.raises(ChannelPausedError):
            await desk.ask(ask_for())
        assert world.store.messages == {}
        told = await desk.ask(ask_for(operation=SUBMISSION))
        assert isinstance(told, Pending)
        assert told.message.state is State.ACCEPTED
        (view,) = await desk.channels.listed(OPERATOR)
        assert (view.waiting, view.due_since) == (1, NOON)
        assert world.authority.got == []
        view = await desk.channels.resume(OPERATOR, "main")
        assert view.pause is None
        await world.reaches(State.ANSWERED)


async def test_a_pause_outlives_the_process() -> None:
    world = World()
    async with running(world) as desk:
        await desk.channels.pause(OPERATOR, "main", reason="Wartung")
        await desk.ask(ask_for(respond_async=True))
    async with running(world) as desk:
        assert world.only.state is State.ACCEPTED
        await desk.channels.resume(OPERATOR, "main")
        await world.reaches(State.ANSWERED)


async def test_a_query_whose_caller_waits_when_the_channel_is_paused_ends() -> None:
    world = World()
    world.channel = replace(world.channel, max_in_flight=1)
    async with running(world) as desk:
        desk._pump._free["main"] = 0  # somebody else's message is on its way
        asking = desk._pump._group.create_task(desk.ask(ask_for()))
        await world.reaches(State.ACCEPTED)
        await desk.channels.pause(OPERATOR, "main", reason="Wartung")
        told = await asking
    assert (told.message.state, told.message.code) == (State.EXPIRED, "channel-paused")
    assert world.authority.got == []


async def test_everything_an_operator_did_is_listed() -> None:
    world = World()
    async with running(world) as desk:
        await desk.channels.pause(OPERATOR, "main", reason="Wartung")
        await desk.channels.pause(OPERATOR, "main", reason="dauert länger")
        world.clock.advance(timedelta(hours=1))
        await desk.channels.resume(OPERATOR, "main")
        await desk.channels.resume(OPERATOR, "main")
        lines = await desk.channels.history(OPERATOR, "main", limit=9)
    assert [(line.event, line.by, line.reason) for line in lines] == [
        (ChannelEvent.RESUMED, "control-room", None),
        (ChannelEvent.PAUSED, "control-room", "dauert länger"),
        (ChannelEvent.PAUSED, "control-room", "Wartung"),
    ]
    assert lines[0].at == NOON + timedelta(hours=1)


async def test_nobody_else_may() -> None:
    async with running(World()) as desk:
        channels = desk.channels
        for refused in (
            channels.listed(CALLER),
            channels.pause(CALLER, "main", reason="x"),
            channels.resume(CALLER, "main"),
            channels.history(CALLER, "main", limit=1),
        ):
            with pytest.raises(PermissionDeniedError):
                await refused


async def test_an_unknown_channel_is_said_to_be() -> None:
    async with running(World()) as desk:
        channels = desk.channels
        for refused in (
            channels.pause(OPERATOR, "other", reason="x"),
            channels.resume(OPERATOR, "other"),
            channels.history(OPERATOR, "other", limit=1),
        ):
            with pytest.raises(UnknownChannelError):
                await refused
