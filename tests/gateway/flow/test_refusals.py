"""Refused calls are kept beside the journey."""

import asyncio
import logging
from collections.abc import Sequence

import pytest
from typing_extensions import override

from gateway.errors import MalformedBodyError, SchemaViolationError, StoreUnavailableError
from gateway.flow import refusals
from gateway.flow.desk import Desk
from gateway.flow.refusals import RefusalLog
from gateway.messaging.refusal import Refusal, RefusalFilter
from tests.gateway.flow.memory_store import MemoryStore
from tests.gateway.flow.world import AUTHORITY, CALLER, QUERY, World, ask_for
from tests.gateway.store.test_refusals import REFUSAL


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "GATHER_SECONDS", 0.01)
    monkeypatch.setattr(refusals, "PAUSE_SECONDS", 0.01)


async def test_a_refused_call_is_listed_for_its_caller_without_its_content() -> None:
    world = World()
    async with world.running() as desk:
        for body in (b'{"name":1,"Quendel":2}', b"{"):
            with pytest.raises((SchemaViolationError, MalformedBodyError)):
                await desk.ask(ask_for(body=body))
        await written(world.store, 2)
        listed, _ = await desk.refusals(CALLER, RefusalFilter(), limit=9)
    malformed, violation = listed
    assert (violation.code, malformed.code) == ("schema-violation", "body-malformed")
    assert (violation.caller, violation.operation) == (CALLER.name, QUERY.name)
    assert (violation.recipient, violation.size_bytes) == (AUTHORITY, 22)
    assert violation.at == world.clock.now()
    assert {spot.pointer for spot in violation.spots} == {"", "/name"}
    assert "Quendel" not in repr(listed)


async def test_what_is_noted_last_is_written_before_the_store_closes() -> None:
    world = World()
    async with world.running() as desk:
        note(desk)
    assert len(world.store.refusals) == 1


async def test_a_store_that_fails_takes_them_later() -> None:
    world = World()
    world.store.down = {"record_refusals"}
    async with world.running() as desk:
        note(desk)
        await asyncio.sleep(0.05)
        assert not world.store.refusals
        world.store.down = set()
        await written(world.store, 1)


async def test_an_operation_that_is_not_offered_is_logged_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    with caplog.at_level(logging.INFO):
        async with world.running() as desk:
            note(desk, operation="Quendel/v1")
    assert not world.store.refusals
    (record,) = [r for r in caplog.records if vars(r).get("event") == "call.refused"]
    assert vars(record)["operation"] is None


async def test_a_flood_drops_the_oldest_and_says_how_many(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(refusals, "MOST_WAITING", 10)
    store = Gathering()
    log = RefusalLog(store)
    for _ in range(25):
        log.note(REFUSAL)
    async with asyncio.TaskGroup() as group:
        log.start(group)
        await written(store, 10)
        await log.stop()
    assert len(store.refusals) == 10
    (record,) = caplog.records
    assert (vars(record)["event"], vars(record)["count"]) == ("refusals.dropped", 15)


async def test_many_are_written_in_batches() -> None:
    store = Gathering()
    log = RefusalLog(store)
    async with asyncio.TaskGroup() as group:
        log.start(group)
        for _ in range(1200):
            log.note(REFUSAL)
        await written(store, 1200)
        await log.stop()
    assert store.batches == [500, 500, 200]


class Gathering(MemoryStore):
    """Fails once, and remembers how much was written at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.failed = False

    @override
    async def record_refusals(self, refusals: Sequence[Refusal]) -> None:
        if not self.failed:
            self.failed = True
            raise StoreUnavailableError("once")
        self.batches.append(len(refusals))
        await super().record_refusals(refusals)


def note(desk: Desk, operation: str = QUERY.key) -> None:
    desk.note_refusal(
        SchemaViolationError("x"),
        operation=operation,
        caller=None,
        recipient=None,
        size_bytes=0,
    )


async def written(store: MemoryStore, number: int) -> None:
    async with asyncio.timeout(5):
        while len(store.refusals) < number:  # noqa: ASYNC110 - the store has no events
            await asyncio.sleep(0.001)
