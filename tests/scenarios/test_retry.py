"""Backends that fail: queries are repeated inside the wait, submissions outlive their caller."""

import asyncio
import socket
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.flow.call import Pending, Settled
from gateway.flow.desk import Desk
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import serve
from tests.scenarios.house import REPORT, House, authority, call, caller

BUSY = Effect(answer="hit", status=503)
LOST = Effect(answer="hit", fault=Fault.DROP)


async def settled(desk: Desk, message: Message) -> Message:
    """Wait for the end of a message whose caller was sent away."""
    while (  # noqa: ASYNC110 - as a caller would, who has no events
        found := await desk.message(caller(), message.id)
    ).settled_at is None:
        await asyncio.sleep(0.005)
    return found


@pytest.mark.parametrize(
    ("first", "result"), [(BUSY, AttemptResult.NOT_SENT), (LOST, AttemptResult.OUTCOME_UNKNOWN)]
)
async def test_query_is_repeated_inside_the_wait(
    database: Path, first: Effect, result: AttemptResult
) -> None:
    with serve(authority(Rule(effect=first, attempt=frozenset({1})))) as url:
        async with House(database=database, url=url).running() as desk:
            told = await desk.ask(call())
            assert isinstance(told, Settled)
            assert told.message.state is State.ANSWERED
            attempts = await desk.attempts(caller(), told.message.id)
            assert [attempt.result for attempt in attempts] == [result, AttemptResult.ANSWERED]


async def test_backend_that_comes_up_during_the_wait_answers(database: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    house = House(database=database, url=f"http://127.0.0.1:{port}/")
    async with house.running() as desk, asyncio.TaskGroup() as group:
        asking = group.create_task(desk.ask(call()))
        await asyncio.sleep(0.05)
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, serve(authority(), port=port))
            told = await asking
            await asyncio.to_thread(stack.close)
    assert told.message.state is State.ANSWERED
    assert told.message.attempts > 1


async def test_query_nobody_waits_for_any_more_is_never_sent_again(database: Path) -> None:
    simulated = authority(Rule(effect=Effect(answer="hit", delay=timedelta(seconds=0.9))))
    with serve(simulated) as url:
        async with House(database=database, url=url).running() as desk:
            told = await desk.ask(call(wait=timedelta(seconds=0.4)))
            assert isinstance(told, Settled)
            assert (told.message.state, told.answer) == (State.EXPIRED, None)
            await asyncio.sleep(0.7)
            message = await desk.message(caller(), told.message.id)
            assert (message.state, message.outcome) == (State.EXPIRED, None)
            assert [a.result for a in await desk.attempts(caller(), message.id)] == [
                AttemptResult.OUTCOME_UNKNOWN
            ]
    assert simulated._seen.total() == 1


async def test_submission_goes_on_without_its_caller(database: Path) -> None:
    with serve(authority(Rule(effect=BUSY, attempt=frozenset({1})))) as url:
        async with House(database=database, url=url).running() as desk:
            told = await desk.ask(call(key=REPORT))
            assert isinstance(told, Pending)
            assert (await settled(desk, told.message)).state is State.ANSWERED


async def test_submission_whose_answer_was_lost_is_in_doubt(database: Path) -> None:
    simulated = authority(Rule(effect=LOST))
    with serve(simulated) as url:
        async with House(database=database, url=url).running() as desk:
            told = await desk.ask(call(key=REPORT))
            assert isinstance(told, Settled)
            assert told.message.state is State.IN_DOUBT
            await asyncio.sleep(0.1)
    assert simulated._seen.total() == 1


async def test_caller_that_will_not_wait_finds_the_answer_later(database: Path) -> None:
    with serve(authority()) as url:
        async with House(database=database, url=url).running() as desk:
            told = await desk.ask(call(respond_async=True))
            assert isinstance(told, Pending)
            message = await settled(desk, told.message)
            assert message.state is State.ANSWERED
            assert (await desk.answer(caller(), message.id)).body.startswith(b"{")
