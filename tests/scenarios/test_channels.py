"""What holds a channel up: outages, rates, delivery windows, pauses; with real backends."""

import asyncio
import time as ticks
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typing_extensions import override

from gateway.bootstrap import SystemClock
from gateway.cli.demo import free_port
from gateway.errors import (
    AuthorityUnreachableError,
    ChannelPausedError,
    WindowClosedError,
)
from gateway.flow.call import Pending, Settled
from gateway.flow.desk import Desk
from gateway.messaging.breaker import BreakerPolicy, BreakerState
from gateway.messaging.channel import RetryPolicy
from gateway.messaging.channel_state import ChannelEvent
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message
from gateway.messaging.rate import Rate
from gateway.messaging.windows import Window, Windows
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Plan, Rule
from gateway.simulation.server import SimulatedAuthority, create_authority, serve
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from tests.scenarios.house import (
    EXAMPLES,
    REPORT,
    SEARCH,
    House,
    adapter,
    authority,
    call,
    caller,
)

SECOND = timedelta(seconds=1)
OPERATOR = replace(caller(), name="control-room", operator=True)
QUICK = BreakerPolicy(
    failures=3,
    open_time=0.3 * SECOND,
    longest_open=0.6 * SECOND,
    release_rate=10,
    release_time=SECOND,
)
RETRY = RetryPolicy(first_wait=0.01 * SECOND, longest_wait=0.05 * SECOND, max_attempts=5)
BUNCHED = 4
"""A busy machine hears of some requests late, and so of several at once."""

LOST = Effect(answer="hit", fault=Fault.DROP)


def heard(plan: Plan) -> tuple[SimulatedAuthority, list[float]]:
    """An authority, and the times at which it was asked."""
    times: list[float] = []
    app = create_authority(
        adapter().exchanges[SEARCH],
        plan,
        EXAMPLES,
        SystemClock(),
        tell=lambda _request: times.append(ticks.monotonic()),
    )
    return app, times


@asynccontextmanager
async def serving(app: SimulatedAuthority, port: int = 0) -> AsyncIterator[str]:
    with ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, serve(app, port=port))
        try:
            yield url
        finally:
            await asyncio.to_thread(stack.close)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - a backend, or another task, makes it true
            await asyncio.sleep(0.01)


def breaker_of(desk: Desk) -> BreakerState:
    (gate,) = desk._journey.gates
    return gate.breaker.state


async def ask_async(desk: Desk, count: int, *, key: str = REPORT) -> list[Message]:
    """Hand messages over whose callers do not wait."""
    told = await asyncio.gather(
        *(desk.ask(call(key=key, respond_async=True)) for _ in range(count))
    )
    return [one.message for one in told]


async def states(desk: Desk, messages: list[Message]) -> set[State]:
    return {(await desk.message(caller(), message.id)).state for message in messages}


async def all_answered(desk: Desk, messages: list[Message]) -> None:
    async with asyncio.timeout(30):
        while await states(desk, messages) != {State.ANSWERED}:  # noqa: ASYNC110 - a caller polls
            await asyncio.sleep(0.05)


async def test_an_outage_costs_no_message_and_ends_with_a_slow_release(database: Path) -> None:
    port = free_port(0)
    house = House(
        database=database,
        url=f"http://127.0.0.1:{port}/",
        retry=RETRY,
        max_in_flight=8,
        limits={"breaker": QUICK},
    )
    async with house.running() as desk:
        messages = await ask_async(desk, 40)
        await until(lambda: breaker_of(desk) is BreakerState.OPEN)
        with pytest.raises(AuthorityUnreachableError) as refused:
            await desk.ask(call())
        assert refused.value.retry_after is not None
        assert timedelta() < refused.value.retry_after <= QUICK.longest_open
        await asyncio.sleep(3)  # several probes, each with another message
        assert await states(desk, messages) <= {State.ACCEPTED, State.RETRYING}
        app, times = heard(Plan(otherwise=Effect(answer="hit")))
        async with serving(app, port):
            await all_answered(desk, messages)
            await until(lambda: breaker_of(desk) is BreakerState.CLOSED)
            lines = await desk.channels.history(OPERATOR, "registry", limit=9)
    assert set(app._seen.values()) == {1}
    assert len(app._seen) == 40
    slowly = [at for at in times if at - times[0] < 0.3]
    assert len(slowly) <= 1 + 0.3 * QUICK.release_rate + BUNCHED
    assert [line.event for line in lines] == [ChannelEvent.CLOSED, ChannelEvent.OPENED]


async def test_a_long_outage_uses_up_no_attempts(database: Path) -> None:
    house = House(
        database=database,
        url=f"http://127.0.0.1:{free_port(0)}/",
        retry=RETRY,
        limits={"breaker": replace(QUICK, open_time=0.02 * SECOND, longest_open=0.02 * SECOND)},
    )
    async with house.running() as desk:
        (message,) = await ask_async(desk, 1)
        async with asyncio.timeout(30):
            while (  # noqa: ASYNC110 - a caller polls
                found := await desk.message(caller(), message.id)
            ).attempts < 9:
                await asyncio.sleep(0.02)
        assert found.attempts > RETRY.max_attempts
        assert found.state in (State.RETRYING, State.DELIVERING)


async def test_a_caller_that_waits_is_told_when_the_breaker_opens(database: Path) -> None:
    house = House(
        database=database,
        url=f"http://127.0.0.1:{free_port(0)}/",
        retry=replace(RETRY, longest_wait=5 * SECOND, max_attempts=99),
        limits={"breaker": replace(QUICK, open_time=30 * SECOND, longest_open=30 * SECOND)},
    )
    async with house.running() as desk:
        began = ticks.monotonic()
        told = await desk.ask(call())
        assert ticks.monotonic() - began < 5
        assert isinstance(told, Settled)
        message = told.message
        assert (message.state, message.code) == (State.EXPIRED, "authority-unreachable")
        assert message.attempts == QUICK.failures
        told = await desk.ask(call(key=REPORT))
        assert isinstance(told, Pending)  # at once: its caller need not wait
        assert ticks.monotonic() - began < 6


async def test_refusals_and_what_cannot_be_read_are_answers(database: Path) -> None:
    rubbish = Effect(answer="hit", fault=Fault.RUBBISH)
    async with serving(authority(Rule(effect=rubbish))) as url:
        house = House(database=database, url=url, limits={"breaker": QUICK})
        async with house.running() as desk:
            for _ in range(QUICK.failures * 2):
                told = await desk.ask(call())
                assert told.message.state is State.INVALID
            assert breaker_of(desk) is BreakerState.CLOSED


async def test_the_next_process_knows_of_the_outage(database: Path) -> None:
    app = authority()
    slow = replace(QUICK, open_time=60 * SECOND, longest_open=60 * SECOND)
    down = House(
        database=database,
        url=f"http://127.0.0.1:{free_port(0)}/",
        retry=RETRY,
        limits={"breaker": slow},
    )
    async with down.running() as desk:
        await ask_async(desk, 5)
        await until(lambda: breaker_of(desk) is BreakerState.OPEN)
    async with serving(app) as url, replace(down, url=url).running() as desk:
        with pytest.raises(AuthorityUnreachableError):
            await desk.ask(call())
        await asyncio.sleep(0.3)
    assert app._seen.total() == 0


async def test_of_two_processes_one_probes_at_a_time(postgres_url: str, database: Path) -> None:
    app, times = heard(Plan(otherwise=LOST))
    policy = replace(QUICK, open_time=0.5 * SECOND, longest_open=0.5 * SECOND)
    async with serving(app) as url:
        house = House(
            database=database,
            url=url,
            retry=RETRY,
            max_in_flight=2,
            limits={"breaker": policy},
            make_store=lambda: PostgresStore(Source(url=postgres_url)),
        )
        desks = [house.desk(), house.desk()]
        for desk in desks:
            await desk.start()
        try:
            for desk in desks:
                await ask_async(desk, 20, key=SEARCH)
            await until(lambda: all(breaker_of(one) is not BreakerState.CLOSED for one in desks))
            await asyncio.sleep(1.2)  # whatever was on its way has ended
            began, before = ticks.monotonic(), len(times)
            await asyncio.sleep(4)
            probes = len(times) - before
            seconds = ticks.monotonic() - began
        finally:
            for desk in desks:
                await desk.stop()
    # Both processes look all the time, and each probe makes its channel wait half a second.
    assert 2 <= probes <= seconds / policy.open_time.total_seconds() + 1


async def test_a_rate_is_kept_and_nothing_is_refused(database: Path) -> None:
    app, times = heard(Plan(otherwise=Effect(answer="hit")))
    async with serving(app) as url:
        house = House(database=database, url=url, limits={"rate": Rate(per_second=20, burst=2)})
        async with house.running() as desk:
            messages = await ask_async(desk, 10)
            asked = await asyncio.gather(*(desk.ask(call()) for _ in range(6)))
            assert {one.message.state for one in asked} == {State.ANSWERED}
            await all_answered(desk, messages)
    assert len(times) == 16
    for first in range(len(times)):
        for last in range(first, len(times)):
            assert last - first + 1 <= 2 + (times[last] - times[first]) * 20 + BUNCHED
    assert times[-1] - times[0] > 0.5


class ShiftedClock(SystemClock):
    """The time of another day, running on from there."""

    def __init__(self, moment: datetime) -> None:
        self.shift = moment - SystemClock().now()

    @override
    def now(self) -> datetime:
        return super().now() + self.shift


OFFICE = Windows(zone=ZoneInfo("Europe/Berlin"), windows=(Window(opens=time(6), closes=time(20)),))


async def test_messages_wait_until_the_authority_opens(database: Path) -> None:
    app = authority()
    # The day on which the clock was put forward in the night: 06:00 is 04:00 UTC.
    clock = ShiftedClock(datetime(2026, 3, 29, 3, 59, 57, tzinfo=UTC))
    async with serving(app) as url:
        house = House(database=database, url=url, limits={"windows": OFFICE}, clock=clock)
        async with house.running() as desk:
            (message,) = await ask_async(desk, 1)
            told = await desk.ask(call(key=REPORT))
            assert isinstance(told, Pending)
            with pytest.raises(WindowClosedError, match="2026-03-29T04:00Z") as refused:
                await desk.ask(call())
            assert refused.value.retry_after is not None
            assert refused.value.retry_after <= 3 * SECOND
            assert app._seen.total() == 0
            vitals = await desk.vitals()
            assert not vitals.channels["registry"].window_open
            await all_answered(desk, [message, told.message])
            (attempt,) = await desk.attempts(caller(), message.id)
            assert attempt.started_at >= datetime(2026, 3, 29, 4, tzinfo=UTC)
            assert (await desk.ask(call())).message.state is State.ANSWERED


async def test_a_weekend_is_outlived(database: Path) -> None:
    friday = ShiftedClock(datetime(2026, 1, 16, 19, 30, tzinfo=UTC))
    workdays = Windows(
        zone=OFFICE.zone, windows=(replace(OFFICE.windows[0], days=frozenset(range(5))),)
    )
    app = authority()
    async with serving(app) as url:
        house = House(database=database, url=url, limits={"windows": workdays}, clock=friday)
        async with house.running() as desk:
            (message,) = await ask_async(desk, 1)
            assert message.deadline_at == datetime(2026, 1, 19, 19, tzinfo=UTC)
        house.clock = ShiftedClock(datetime(2026, 1, 19, 8, tzinfo=UTC))
        async with house.running() as desk:
            await all_answered(desk, [message])


async def test_a_paused_channel_keeps_everything_and_sends_nothing(database: Path) -> None:
    app = authority()
    async with serving(app) as url:
        house = House(database=database, url=url)
        async with house.running() as desk:
            await desk.channels.pause(OPERATOR, "registry", reason="Wartung")
            with pytest.raises(ChannelPausedError):
                await desk.ask(call())
            messages = await ask_async(desk, 5)
        async with house.running() as desk:
            await asyncio.sleep(0.3)
            assert await states(desk, messages) == {State.ACCEPTED}
            assert app._seen.total() == 0
            await desk.channels.resume(OPERATOR, "registry")
            await all_answered(desk, messages)
    assert set(app._seen.values()) == {1}


async def test_a_query_that_waits_when_the_channel_is_paused_is_told(database: Path) -> None:
    refused = Rule(effect=Effect(answer="hit", status=503))
    async with serving(authority(refused)) as url:
        policy = RetryPolicy(first_wait=20 * SECOND, longest_wait=20 * SECOND)
        async with House(database=database, url=url, retry=policy).running() as desk:
            async with asyncio.TaskGroup() as group:
                asking = group.create_task(desk.ask(call()))
                await until(lambda: bool(desk._journey.waiting.untold()))
                await asyncio.sleep(0.5)
                await desk.channels.pause(OPERATOR, "registry", reason="Wartung")
                began = ticks.monotonic()
                told = await asking
            assert ticks.monotonic() - began < 3
            assert (told.message.state, told.message.code) == (State.EXPIRED, "channel-paused")
            attempts = await desk.attempts(caller(), told.message.id)
            assert [one.result for one in attempts] == [AttemptResult.NOT_SENT]
