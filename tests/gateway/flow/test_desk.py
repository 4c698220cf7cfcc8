"""The desk opens, serves and closes all its parts."""

import asyncio
import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from gateway.errors import MessageRefusedError, NotSentError, StoreUnavailableError
from gateway.flow.call import Call, Pending
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import Step
from tests.gateway.flow.memory_store import MemoryStore
from tests.gateway.flow.world import (
    MESSAGE_ID,
    QUERY,
    SUBMISSION,
    Authority,
    Gate,
    World,
    a_message,
    ask_for,
)


async def test_parts_are_open_while_it_runs() -> None:
    world = World()
    async with world.running() as desk:
        assert desk.operations[QUERY.key] is QUERY
        assert (world.store.is_open, world.authority.is_open) == (True, True)
    assert (world.store.is_open, world.authority.is_open) == (False, False)


async def test_part_that_cannot_be_opened_closes_those_before() -> None:
    class Broken(Authority):
        @override
        async def open(self) -> None:
            raise NotSentError("No such device.")

    world = World(Broken())
    with pytest.raises(NotSentError):
        await world.desk().start()
    assert not world.store.is_open


async def test_it_is_seen_to_take_messages_while_it_runs() -> None:
    world = World()
    desk = world.desk()
    assert not (await desk.vitals()).accepts
    await desk.start()
    running = await desk.vitals()
    assert (running.accepts, running.writes, running.queues) == (True, True, [])
    await desk.stop()
    assert not (await desk.vitals()).accepts


async def test_it_is_seen_that_only_failures_come_back() -> None:
    world = World(authority=Authority(NotSentError("Busy.")))
    async with world.running() as desk:
        await desk.ask(ask_for())
        assert (await desk.vitals()).failing == {"main": timedelta()}


async def test_nothing_is_accepted_before_the_start_and_after_the_stop() -> None:
    world = World()
    desk = world.desk()
    with pytest.raises(StoreUnavailableError):
        await desk.ask(ask_for())
    async with world.running() as running:
        pass
    with pytest.raises(StoreUnavailableError):
        await running.ask(ask_for())


@pytest.mark.parametrize(
    ("call", "code", "operation"),
    [
        (ask_for({"nam": "Geheimnis-4711"}), "schema-violation", QUERY.key),
        (ask_for(operation=replace(QUERY, name="Geheimnis-4711")), "operation-unknown", None),
    ],
)
async def test_refused_call_is_logged_without_content(
    caplog: pytest.LogCaptureFixture, call: Call, code: str, operation: str | None
) -> None:
    with caplog.at_level(logging.INFO):
        async with World().running() as desk:
            with pytest.raises(MessageRefusedError):
                await desk.ask(call)
    (record,) = caplog.records
    assert vars(record)["event"] == "call.refused"
    assert (vars(record)["code"], vars(record)["operation"]) == (code, operation)
    assert "Geheimnis" not in str(vars(record))


async def test_preview_stores_and_sends_nothing() -> None:
    world = World()
    async with world.running() as desk:
        preview = await desk.check(ask_for())
    assert (preview.authority, preview.channel) == ("ags:09162000", "main")
    assert (preview.map, preview.wire_schema) == ("plain/search@1", "profile:00")
    assert json.loads(preview.completed)["name"] == "Ada"
    assert preview.wire.startswith(b"<")
    assert preview.media_type == "application/xml"
    assert preview.ledger == b'{"mapped":1}'
    assert world.store.messages == {}
    assert world.authority.got == []


async def test_interrupted_query_is_delivered_after_the_start() -> None:
    world = World()
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    cut_off = replace(told.message, state=State.DELIVERING, settled_at=None)
    world.store.messages[cut_off.id] = cut_off
    async with World(store=world.store, authority=world.authority).running():
        while world.only.state is not State.ANSWERED:  # noqa: ASYNC110 - the pump has no end
            await asyncio.sleep(0)
    assert world.only.attempts == 2


async def test_stop_waits_for_attempts_under_way() -> None:
    gate = Gate()
    world = World(Authority(gate))
    async with world.running() as desk, asyncio.TaskGroup() as group:
        group.create_task(desk.ask(ask_for()))
        await gate.reached.wait()
        asyncio.get_running_loop().call_later(0.02, gate.go.set)
        await desk.stop()
        assert world.only.state is State.ANSWERED


async def test_stop_cuts_off_what_outlasts_its_time_and_says_it_goes_on() -> None:
    gate = Gate()
    world = World(Authority(gate))
    world.channel = replace(world.channel, timeout=timedelta(milliseconds=10))
    async with world.running() as desk, asyncio.TaskGroup() as group:
        waiting = group.create_task(desk.ask(ask_for(operation=SUBMISSION)))
        await gate.reached.wait()
        await desk.stop()
    assert isinstance(waiting.result(), Pending)
    assert world.only.state is State.DELIVERING


async def test_stop_tells_the_truth_about_what_was_never_accepted() -> None:
    reached = asyncio.Event()

    class Stuck(MemoryStore):
        @override
        async def accept(self, *args: object, **more: object) -> Message:
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

    world = World(store=Stuck())
    world.channel = replace(world.channel, timeout=timedelta(milliseconds=10))
    async with world.running() as desk, asyncio.TaskGroup() as group:
        waiting = group.create_task(_error(desk.ask(ask_for())))
        await reached.wait()
        await desk.stop()
    assert isinstance(waiting.result(), StoreUnavailableError)


async def test_message_at_rest_stays_as_it_is_over_a_restart() -> None:
    world = World()
    await world.store.accept(a_message(), [], [])
    entry = Entry(at=world.clock.now(), event="message.dead", state=State.DEAD)
    dead = frozenset({State.DELIVERING})
    await world.store.advance(Step(message_id=MESSAGE_ID, start=dead, entry=entry))
    async with world.running():
        await asyncio.sleep(0)
    assert world.story == ["message.dead"]


async def _error(asking: object) -> BaseException | None:
    (result,) = await asyncio.gather(asking, return_exceptions=True)  # type: ignore[call-overload]
    return result if isinstance(result, BaseException) else None
