"""The process dies at every step of the journey: nothing accepted is lost, no harm done twice."""

import asyncio
import multiprocessing
import signal
from pathlib import Path

import pytest

from gateway.errors import MessageInDoubtError
from gateway.flow.call import Settled
from gateway.flow.fault_points import FaultPoint
from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import MessageFilter
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import SimulatedAuthority, serve
from tests.scenarios import dying_gateway
from tests.scenarios.house import REPORT, SEARCH, House, authority, call, caller

BEFORE_ACCEPTANCE = frozenset({FaultPoint.ACCEPT_BEFORE_COMMIT})
AFTER_THE_END = frozenset({FaultPoint.STEP_AFTER_COMMIT, FaultPoint.ASK_BEFORE_RESPONSE})
SENT = frozenset(
    {
        FaultPoint.DELIVER_AFTER_BYTES_SENT,
        FaultPoint.DELIVER_AFTER_ANSWER,
        FaultPoint.STEP_BEFORE_COMMIT,
        *AFTER_THE_END,
    }
)
POINTS = [point for point in FaultPoint if point is not FaultPoint.DELIVER_AFTER_FAILURE]


def die(database: Path, url: str, point: FaultPoint, key: str) -> None:
    # A fork server: it imports once what every one of the processes needs.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.scenarios.dying_gateway"])
    process = context.Process(target=dying_gateway.run, args=(database, url, point, key))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


async def after_restart(database: Path, url: str) -> Message | None:
    """Start a second gateway on the database and let its one message come to rest."""
    async with House(database=database, url=url).running() as desk:
        while True:
            messages, _ = await desk.messages(caller(), MessageFilter(), limit=5)
            if not messages:
                return None
            (message,) = messages
            if message.settled_at is not None:
                history = await desk.history(caller(), message.id)
                assert is_unbroken(message.id, history)
                attempts = await desk.attempts(caller(), message.id)
                assert all(attempt.ended_at is not None for attempt in attempts)
                return message
            await asyncio.sleep(0.005)


def times_sent(simulated: SimulatedAuthority) -> int:
    return simulated._seen.total()


@pytest.mark.parametrize("point", POINTS)
async def test_query_survives_death_at(point: FaultPoint, database: Path) -> None:
    simulated = authority()
    with serve(simulated) as url:
        die(database, url, point, SEARCH)
        before = times_sent(simulated)
        message = await after_restart(database, url)
    assert before == (point in SENT)
    if point in BEFORE_ACCEPTANCE:
        assert message is None
        assert times_sent(simulated) == 0
    else:
        assert message is not None
        assert message.state is State.ANSWERED
        assert times_sent(simulated) == before + (point not in AFTER_THE_END)


@pytest.mark.parametrize("point", POINTS)
async def test_submission_is_never_sent_twice_after_death_at(
    point: FaultPoint, database: Path
) -> None:
    simulated = authority()
    with serve(simulated) as url:
        die(database, url, point, REPORT)
        before = times_sent(simulated)
        message = await after_restart(database, url)
    assert times_sent(simulated) == before == (point in SENT)
    if point in BEFORE_ACCEPTANCE:
        assert message is None
    else:
        assert message is not None
        assert message.state is (State.ANSWERED if point in AFTER_THE_END else State.IN_DOUBT)


@pytest.mark.parametrize("point", POINTS)
async def test_caller_that_repeats_its_submission_after_death_at_sends_nothing_twice(
    point: FaultPoint, database: Path
) -> None:
    simulated = authority()
    repeated = call(key=REPORT, idempotency_key=dying_gateway.KEY)
    with serve(simulated) as url:
        die(database, url, point, REPORT)
        before = times_sent(simulated)
        first = await after_restart(database, url)
        async with House(database=database, url=url).running() as desk:
            if first is None or first.state is State.ANSWERED:
                told = await desk.ask(repeated)
                assert isinstance(told, Settled)
                assert told.replayed is (first is not None)
                assert told.answer is not None
            else:
                with pytest.raises(MessageInDoubtError):
                    await desk.ask(repeated)
    assert times_sent(simulated) == before + (first is None)


async def test_failed_attempt_that_was_not_written_down_counts_as_sent(database: Path) -> None:
    simulated = authority(Rule(effect=Effect(answer="hit", status=503), attempt=frozenset({1})))
    with serve(simulated) as url:
        die(database, url, FaultPoint.DELIVER_AFTER_FAILURE, SEARCH)
        message = await after_restart(database, url)
    assert message is not None
    assert (message.state, message.attempts) == (State.ANSWERED, 2)
