"""All gates: shared by processes, remembered by the store, one probe at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import NotSentError, UnknownChannelError
from gateway.flow import gates as module
from gateway.flow.gate import Hold
from gateway.flow.gates import NOBODY, Admission, Gates
from gateway.messaging.breaker import BreakerPolicy, BreakerState
from gateway.messaging.channel import Channel
from gateway.messaging.channel_state import ChannelEntry, ChannelEvent, Pause
from gateway.messaging.lifecycle import State
from gateway.messaging.rate import Rate
from tests.gateway.flow.memory_store import MemoryStore
from tests.gateway.flow.world import NOON, FixedClock, a_message

SECOND = timedelta(seconds=1)
CHANNEL = Channel(
    name="main",
    adapter="plain",
    transport="test",
    address="nowhere",
    breaker=BreakerPolicy(failures=2, open_time=10 * SECOND, release_time=5 * SECOND),
)
PAUSE = Pause(since=NOON, by="town-hall", reason="Wartung")
PAUSED = ChannelEntry(at=NOON, event=ChannelEvent.PAUSED, by="town-hall", reason="Wartung")
RESUMED = ChannelEntry(at=NOON, event=ChannelEvent.RESUMED, by="town-hall")
FAILURE = NotSentError("x")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.01)


class Bench:
    """Processes on one store and one clock."""

    def __init__(self, channel: Channel = CHANNEL) -> None:
        self.store = MemoryStore()
        self.clock = FixedClock()
        self.channel = channel
        self.held: list[tuple[str, Hold]] = []
        self.freed: list[str] = []

    async def _hold(self, channel: str, hold: Hold) -> None:
        self.held.append((channel, hold))

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Gates]:
        gates = Gates(self.store, self.clock, [self.channel])
        async with asyncio.TaskGroup() as group:
            await gates.start(group, held=self._hold, freed=self.freed.append)
            yield gates
            await gates.stop()

    async def put_due(self) -> None:
        due = a_message(state=State.ACCEPTED, next_attempt_at=NOON)
        await self.store.accept(due, [], [])


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - another task makes it true
            await asyncio.sleep(0)


def fail(gates: Gates, times: int = 2) -> None:
    for _ in range(times):
        gates.ended(a_message(), FAILURE)


async def test_an_outage_is_remembered_and_known_to_all_processes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()
    async with bench.process() as first, bench.process() as second:
        fail(first)
        assert first.hold("main") is not None
        await until(lambda: second.hold("main") is not None)
        assert second.outage_until("main") == NOON + 10 * SECOND
    async with bench.process() as later:
        assert later.hold("main") is not None
    assert [entry.event for entry in await bench.store.channel_history("main", limit=9)] == [
        ChannelEvent.OPENED
    ]
    (record,) = caplog.records
    assert (vars(record)["event"], vars(record)["channel"]) == ("channel.opened", "main")
    assert record.levelno == logging.WARNING


async def test_two_processes_that_find_out_at_once_open_it_once() -> None:
    bench = Bench()
    async with bench.process() as first, bench.process() as second:
        fail(first)
        fail(second)
        await until(lambda: not any(gate.unwritten for gates in (first, second) for gate in gates))
    assert bench.store.channels["main"].breaker.openings == 1
    assert len(bench.store.channel_lines) == 1


async def test_of_many_processes_one_sends_the_probe() -> None:
    bench = Bench()
    await bench.put_due()
    async with bench.process() as first, bench.process() as second, bench.process() as third:
        everybody = (first, second, third)
        fail(first)
        await until(lambda: all(gates.hold("main") for gates in everybody))
        assert await first.admit("main", 32) == NOBODY
        bench.clock.advance(10 * SECOND)
        taken = await asyncio.gather(*(gates.admit("main", 32) for gates in everybody))
        assert sorted(one.count for one in taken) == [0, 0, 1]
        assert all(one.is_probe == bool(one.count) for one in taken)
        (prober,) = [g for g, one in zip(everybody, taken, strict=True) if one.count]
        prober.sends("main", Admission(count=1, is_probe=True), [a_message()])
        await until(lambda: all(gates.hold("main") for gates in everybody))
        prober.ended(a_message())
        await until(lambda: not any(gates.hold("main") for gates in everybody))
        assert {gate.breaker.state for g in everybody for gate in g} == {BreakerState.RELEASING}
        bench.clock.advance(5 * SECOND)
        await until(
            lambda: {gate.breaker.state for g in everybody for gate in g} == {BreakerState.CLOSED}
        )
    events = [entry.event for entry in await bench.store.channel_history("main", limit=9)]
    assert events == [ChannelEvent.CLOSED, ChannelEvent.OPENED]


async def test_without_a_due_message_no_probe_is_taken() -> None:
    bench = Bench()
    async with bench.process() as gates:
        fail(gates)
        await until(lambda: "main" in bench.store.channels)
        bench.clock.advance(10 * SECOND)
        assert await gates.admit("main", 1) == Admission(count=0, is_idle=True)
        assert gates.of("main").may_probe()
        await bench.put_due()
        probe = await gates.admit("main", 1)
        assert probe.is_probe
        gates.sends("main", probe, [])  # somebody was faster
        assert (await gates.admit("main", 1)).is_probe


async def test_who_waits_is_told_again_and_again_and_who_sends_once() -> None:
    bench = Bench()
    async with bench.process() as gates:
        await gates.pause("main", PAUSE, PAUSED)
        await until(lambda: len(bench.held) > 2)
        assert bench.freed == []
        assert gates.of("main").free_since is None
        await gates.pause("main", None, RESUMED)
        await until(lambda: bench.freed == ["main"])
        bench.held.clear()
        await asyncio.sleep(0.05)
        assert (bench.held, bench.freed) == ([], ["main"])
        assert gates.of("main").free_since == NOON


async def test_a_pause_is_remembered_and_known_to_all_processes() -> None:
    bench = Bench()
    async with bench.process() as first, bench.process() as second:
        await first.pause("main", PAUSE, PAUSED)
        assert first.hold("main") is not None
        await until(lambda: second.hold("main") is not None)
    async with bench.process() as later:
        assert later.hold("main") is not None
        await later.pause("main", None, RESUMED)
        assert later.hold("main") is None
    assert await bench.store.channel_history("main", limit=9) == [RESUMED, PAUSED]


async def test_a_pause_and_an_outage_at_once_are_both_kept() -> None:
    bench = Bench()
    async with bench.process() as first, bench.process() as second:
        fail(first)
        await second.pause("main", PAUSE, PAUSED)  # decided on the state before the outage
        await until(lambda: not first.of("main").unwritten)
        state = bench.store.channels["main"]
        assert (state.breaker.state, state.pause) == (BreakerState.OPEN, PAUSE)


async def test_a_pause_survives_a_change_that_was_faster() -> None:
    bench = Bench()
    async with bench.process() as gates:
        changed = False

        def interfere(name: str) -> None:
            nonlocal changed
            if name == "change_channel" and not changed:
                changed = True
                known = gates.of("main").stored
                bench.store.channels["main"] = replace(known, revision=known.revision + 1)

        bench.store.before = interfere
        await gates.pause("main", PAUSE, PAUSED)
        assert bench.store.channels["main"].pause == PAUSE


async def test_an_unknown_channel_cannot_be_paused() -> None:
    async with Bench().process() as gates:
        with pytest.raises(UnknownChannelError):
            await gates.pause("other", PAUSE, PAUSED)
        assert gates.reachable("other", NOON) == NOON


async def test_an_outage_of_the_store_is_survived() -> None:
    bench = Bench()
    async with bench.process() as gates:
        bench.store.down = {"channel_states", "change_channel"}
        fail(gates)
        await until(lambda: gates.hold("main") is not None)
        await asyncio.sleep(0.05)
        assert bench.store.channels == {}
        bench.store.down.clear()
        await until(lambda: "main" in bench.store.channels)
        assert bench.store.channels["main"].breaker.state is not BreakerState.CLOSED


async def test_a_rate_lets_out_so_many_and_says_when_the_next_may_leave() -> None:
    limited = replace(CHANNEL, rate=Rate(per_second=50, burst=3))
    bench = Bench(limited)
    async with bench.process() as gates:
        first = await gates.admit("main", 32)
        assert first.count == 3
        gates.sends("main", first, [a_message()] * 2)
        assert (await gates.admit("main", 32)).count == 1
        assert (await gates.admit("main", 32)).count == 0
        await until(lambda: bench.freed == ["main"])
        assert (await gates.admit("main", 32)).count >= 1
        assert gates.lets_in("main") or not gates.of("main").tokens()


async def test_a_message_that_comes_back_unsent_is_told_of_at_once() -> None:
    bench = Bench()
    async with bench.process() as gates:
        gates.rests("main")
        fail(gates)
        await until(lambda: bool(bench.held))
        gates.rests("main")
        assert gates._alarm.is_set()


async def test_gates_that_never_started_can_be_stopped() -> None:
    bench = Bench()
    timed = Gates(bench.store, bench.clock, [replace(CHANNEL, rate=Rate(per_second=1))])
    await timed.admit("main", 1)
    await timed.admit("main", 1)
    await timed.admit("main", 1)  # waits for the same token
    assert len(timed._timers) == 1
    await timed.stop()
    assert bench.freed == []


async def test_a_pause_overtakes_an_outage_that_is_not_written_yet() -> None:
    bench = Bench()
    async with bench.process() as gates:
        bench.store.down = {"channel_states"}
        fail(gates)
        bench.store.down.clear()
        assert gates.of("main").unwritten
        await gates.pause("main", PAUSE, PAUSED)
        await until(lambda: not gates.of("main").unwritten)
        state = bench.store.channels["main"]
        assert (state.breaker.state, state.pause) == (BreakerState.OPEN, PAUSE)
        assert gates.of("main").stored == state


async def test_an_outage_that_is_not_written_yet_takes_no_probe_and_forgets_nobody() -> None:
    bench = Bench()
    await bench.put_due()
    async with bench.process() as gates:
        bench.store.down = {"change_channel"}
        fail(gates)
        bench.clock.advance(10 * SECOND)
        assert await gates.admit("main", 1) == NOBODY
        bench.store.down.clear()
        bench.freed.clear()
        await until(lambda: "main" in bench.freed)
        assert (await gates.admit("main", 1)).is_probe
