"""The pump delivers what is due, sleeps otherwise, and survives everything."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from gateway.errors import NotSentError, OutcomeUnknownError, StoreUnavailableError
from gateway.flow import pump
from gateway.flow.call import Settled
from gateway.flow.pump import BREATH, Pump, log_unexpected
from gateway.messaging.breaker import BreakerPolicy
from gateway.messaging.channel import RetryPolicy
from gateway.messaging.channel_state import ChannelEntry, ChannelEvent, ChannelState, Pause
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId, Stage, StageKind
from gateway.messaging.ports import Step, WireAnswer, WireMessage
from tests.gateway.flow.memory_store import MemoryStore
from tests.gateway.flow.world import (
    NOON,
    SUBMISSION,
    Authority,
    World,
    a_message,
    answer,
    ask_for,
)

WIRE = Stage(kind=StageKind.WIRE_REQUEST, body=b"<q>", media_type="application/xml")


async def until(world: World, state: State) -> None:
    """Let the pump work until every message is in the state."""
    while {m.state for m in world.store.messages.values()} != {state}:  # noqa: ASYNC110 - no end
        await asyncio.sleep(0)


@asynccontextmanager
async def passing_time(world: World) -> AsyncIterator[None]:
    """Let the clock go on, as fast as the real one at most."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.005)
            world.clock.advance(timedelta(milliseconds=5))

    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick())
        yield
        ticking.cancel()


async def test_backlog_is_delivered_and_never_more_at_a_time_than_the_channel_takes() -> None:
    at_once = 0
    most = 0

    async def busy(_outgoing: WireMessage) -> WireAnswer:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return answer()

    world = World(Authority(busy))
    world.channel = replace(world.channel, max_in_flight=40)
    for number in range(100):
        late = a_message(
            id=MessageId(str(number)), state=State.ACCEPTED, next_attempt_at=NOON, attempts=0
        )
        await world.store.accept(late, [WIRE], [])
    async with world.running():
        await until(world, State.ANSWERED)
    assert most == 40
    assert len(world.authority.got) == 100


async def wait_behind(world: World, number: int) -> None:
    """Put so many messages into the store that are due."""
    for _ in range(number):
        late = a_message(
            id=MessageId(f"late-{len(world.store.messages)}"),
            state=State.ACCEPTED,
            next_attempt_at=NOON,
            attempts=0,
        )
        await world.store.accept(late, [WIRE], [])


async def test_full_channel_is_not_looked_at_for_every_message_and_goes_on_when_it_has_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pump, "BREATH", timedelta(hours=1))
    released = asyncio.Event()

    async def slow(_outgoing: WireMessage) -> WireAnswer:
        await released.wait()
        return answer()

    world = World(Authority(slow))
    world.channel = replace(world.channel, max_in_flight=1)
    rounds: list[str] = []
    world.store.before = rounds.append
    await wait_behind(world, 1)
    async with world.running() as desk:
        await until(world, State.DELIVERING)
        await wait_behind(world, 3)
        rounds.clear()
        for _ in range(20):
            desk._pump.wake("main")
            await asyncio.sleep(0)
        assert "next_due_at" not in rounds
        released.set()
        await until(world, State.ANSWERED)


async def test_full_channel_is_looked_at_after_a_while_for_new_deadlines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pump, "BREATH", timedelta(milliseconds=10))
    never = asyncio.Event()

    async def silent(_outgoing: WireMessage) -> WireAnswer:
        await never.wait()
        return answer()

    world = World(Authority(silent))
    world.channel = replace(world.channel, max_in_flight=1)
    rounds: list[str] = []
    world.store.before = rounds.append
    await wait_behind(world, 1)
    async with world.running() as desk:
        await until(world, State.DELIVERING)
        await asyncio.sleep(0.03)
        rounds.clear()
        desk._pump.wake("main")
        await asyncio.sleep(0.1)
        assert rounds.count("next_due_at") >= 1
        never.set()
        await until(world, State.ANSWERED)


async def test_wire_form_of_a_message_just_handed_over_is_not_read_back() -> None:
    world = World(Authority(answer()))
    reads: list[str] = []
    world.store.before = reads.append
    async with world.running() as desk:
        await desk.ask(ask_for(operation=SUBMISSION, respond_async=True))
        await until(world, State.ANSWERED)
    assert "stage" not in reads
    assert len(world.authority.got) == 1


async def test_retry_waits_for_its_time() -> None:
    world = World(Authority(NotSentError("x"), answer()))
    world.channel = replace(world.channel, retry=RetryPolicy(first_wait=timedelta(seconds=5)))
    async with world.running() as desk:
        await desk.ask(ask_for(operation=SUBMISSION))
        desk._pump.wake("main")
        for _ in range(10):
            await asyncio.sleep(0)
        assert world.only.state is State.RETRYING
        world.clock.advance(timedelta(seconds=5))
        desk._pump.wake("main")
        await until(world, State.ANSWERED)


async def test_a_channel_of_another_process_is_none_of_its_business(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with World().running() as desk:
        desk._pump.wake("elsewhere")
        await asyncio.sleep(0.01)
    assert "delivery.unexpected" not in [vars(record).get("event") for record in caplog.records]


async def test_due_time_wakes_the_pump_by_itself() -> None:
    world = World(Authority(NotSentError("x"), answer()))
    policy = RetryPolicy(first_wait=timedelta(milliseconds=5))
    world.channel = replace(world.channel, retry=policy)
    async with world.running() as desk, passing_time(world):
        told = await desk.ask(ask_for())
    assert isinstance(told, Settled)
    assert told.message.state is State.ANSWERED


async def test_deadline_of_an_unattended_message_is_noticed() -> None:
    world = World()
    world.store.down = {"lease_due"}
    await world.store.accept(
        a_message(state=State.ACCEPTED, deadline_at=NOON, next_attempt_at=NOON), [], []
    )
    async with world.running():
        await until(world, State.EXPIRED)
    assert world.authority.got == []


async def test_message_of_a_channel_taken_away_waits_without_a_busy_loop() -> None:
    world = World()
    rounds: list[str] = []
    world.store.before = rounds.append
    orphan = a_message(state=State.ACCEPTED, next_attempt_at=NOON, channel="gone")
    await world.store.accept(orphan, [], [])
    async with world.running():
        for _ in range(50):
            await asyncio.sleep(0)
    assert rounds.count("next_due_at") == 1
    assert world.only.state is State.ACCEPTED


async def test_unexpected_end_of_an_attempt_counts_as_unknown_outcome(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World(Authority(ValueError("Geheimnis-4711"), answer()))
    with caplog.at_level(logging.INFO):
        async with world.running() as desk:
            told = await desk.ask(ask_for())
    assert isinstance(told, Settled)
    assert (told.message.state, told.message.attempts) == (State.ANSWERED, 2)
    assert world.store.events[told.message.id][2].code == OutcomeUnknownError.code
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert vars(record)["error"] == "ValueError"
    assert vars(record)["message_id"] == told.message.id
    assert any("exchange" in frame for frame in vars(record)["frames"])
    assert "Geheimnis" not in caplog.text
    assert all("Geheimnis" not in str(vars(r)) for r in caplog.records)


async def test_unexpected_end_of_a_submissions_attempt_leaves_it_in_doubt() -> None:
    world = World(Authority(ValueError("x")))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
    assert told.message.state is State.IN_DOUBT
    assert len(world.authority.got) == 1


async def test_unexpected_fault_of_the_store_reaches_the_caller() -> None:
    class Faulty(MemoryStore):
        @override
        async def accept(self, *args: Any, **more: Any) -> Message:
            raise ValueError("a bug")

    world = World(store=Faulty())
    async with world.running() as desk:
        with pytest.raises(ValueError, match="a bug"):
            await desk.ask(ask_for())


async def test_step_that_was_made_before_the_fault_stands() -> None:
    class Forgetful(MemoryStore):
        @override
        async def advance(self, step: Step) -> Message:
            await super().advance(step)
            raise ValueError("a bug after the commit")

    world = World(store=Forgetful())
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION, wait=timedelta(milliseconds=20)))
    assert told.message.state is State.ANSWERED
    assert len(world.authority.got) == 1


async def test_outage_of_the_store_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "BREATH", timedelta(milliseconds=1))
    world = World()
    failed = 0

    def outage(name: str) -> None:
        nonlocal failed
        if name == "advance" and failed < 3:
            failed += 1
            raise StoreUnavailableError("The test took the store down.")

    world.store.before = outage
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    assert isinstance(told, Settled)
    assert told.message.state is State.ANSWERED
    assert "delivery.failed" in world.story


async def test_an_outage_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pump, "BREATH", timedelta(milliseconds=1))
    world = World()
    rounds = 0

    def count(name: str) -> None:
        nonlocal rounds
        rounds += name == "next_due_at"

    async def some(number: int) -> None:
        until = rounds + number
        while rounds < until:  # noqa: ASYNC110 - it tries again and again
            await asyncio.sleep(0)

    world.store.before = count
    async with asyncio.timeout(5), world.running() as desk:
        for _ in range(2):
            world.store.down = {"next_due_at"}
            desk._pump.wake("main")
            await some(3)
            world.store.down = set()
            await some(1)
    events = [vars(record).get("event") for record in caplog.records]
    assert events.count("delivery.held_up") == 2
    assert "delivery.unexpected" not in events


async def test_stopped_pump_has_no_room() -> None:
    world = World()
    idle = Pump(world.journey, world.directory.lanes)
    assert not idle.has_room("main")
    await idle.stop()
    assert not idle.has_room("main")


def test_error_without_a_message_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    log_unexpected(ValueError("Geheimnis-4711"), None)
    (record,) = caplog.records
    assert vars(record)["message_id"] is None
    assert "Geheimnis" not in str(vars(record))


async def test_a_clock_that_is_set_back_freezes_no_retry(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pump, "LOOK", timedelta(milliseconds=5))
    world = World(Authority(NotSentError("x"), answer()))
    policy = RetryPolicy(first_wait=timedelta(seconds=5), longest_wait=timedelta(seconds=10))
    breaker = BreakerPolicy(longest_open=timedelta(seconds=10))
    world.channel = replace(world.channel, retry=policy, breaker=breaker)
    async with world.running() as desk:
        await desk.ask(ask_for(operation=SUBMISSION))
        await world.reaches(State.RETRYING)
        await asyncio.sleep(0.02)
        world.clock.advance(-timedelta(hours=1))
        await until(world, State.ANSWERED)
    (record,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert vars(record)["event"] == "deliveries.planned_anew"
    assert vars(record)["count"] == 1


async def test_what_was_planned_by_a_clock_far_ahead_is_delivered_after_the_start() -> None:
    world = World()
    planned = a_message(
        state=State.RETRYING,
        next_attempt_at=NOON + timedelta(hours=2),
        deadline_at=NOON + timedelta(hours=3),
    )
    await world.store.accept(planned, [WIRE], [])
    async with world.running():
        await until(world, State.ANSWERED)
    assert len(world.authority.got) == 1


async def test_a_small_step_back_changes_no_plan() -> None:
    world = World(Authority(NotSentError("x"), answer()))
    world.channel = replace(world.channel, retry=RetryPolicy(first_wait=timedelta(seconds=5)))
    rounds: list[str] = []
    world.store.before = rounds.append
    async with world.running() as desk:
        await desk.ask(ask_for(operation=SUBMISSION))
        world.clock.advance(-timedelta(seconds=1))
        desk._pump.wake("main")
        await asyncio.sleep(0.02)
    assert rounds.count("plan_anew") == 1  # at the start
    assert world.only.state is State.RETRYING


async def test_a_held_channel_with_a_backlog_hides_no_retry_of_another() -> None:
    world = World(Authority(NotSentError("x"), answer()))
    policy = RetryPolicy(first_wait=timedelta(milliseconds=5))
    world.channel = replace(world.channel, retry=policy)
    paused = Pause(since=NOON, by="town-hall", reason="Wartung")
    world.others = [replace(world.channel, name="paused")]
    await world.store.change_channel(ChannelState(name="paused", pause=paused))
    waits = a_message(
        id=MessageId("1"), channel="paused", state=State.ACCEPTED, next_attempt_at=NOON
    )
    await world.store.accept(waits, [WIRE], [])
    rounds: list[str] = []
    world.store.before = rounds.append
    async with world.running() as desk:
        await asyncio.sleep(0.02)
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with passing_time(world):
            told = await desk.ask(ask_for())
        assert loop.time() - began < BREATH.total_seconds() / 2
        before = rounds.count("lease_due")
        await asyncio.sleep(1.2 * BREATH.total_seconds())
        assert rounds.count("lease_due") == before  # nor does it keep the pump busy
    assert told.message.state is State.ANSWERED
    assert world.store.messages[waits.id] == waits


async def test_a_retry_that_is_due_after_the_breaker_takes_a_probe_is_not_forgotten() -> None:
    world = World(Authority(NotSentError("x"), answer()))
    world.channel = replace(
        world.channel,
        retry=RetryPolicy(first_wait=timedelta(milliseconds=200)),
        breaker=BreakerPolicy(failures=1, open_time=timedelta(milliseconds=5)),
    )
    async with world.running() as desk, passing_time(world):
        await desk.ask(ask_for(respond_async=True))
        await until(world, State.ANSWERED)
    assert world.only.attempts == 2


async def test_a_burst_for_a_held_channel_is_looked_at_once() -> None:
    world = World()
    paused = Pause(since=NOON, by="town-hall", reason="Wartung")
    await world.store.change_channel(ChannelState(name="main", pause=paused))
    rounds: list[str] = []
    async with world.running() as desk:
        await asyncio.sleep(0.02)
        world.store.before = rounds.append
        for _ in range(50):
            await desk.ask(ask_for(respond_async=True))
            await asyncio.sleep(0)
        assert rounds.count("accept") == 50
        assert rounds.count("next_due_at") <= 1
        entry = ChannelEntry(at=NOON, event=ChannelEvent.RESUMED)
        await desk._journey.gates.pause("main", None, entry)
        await until(world, State.ANSWERED)
