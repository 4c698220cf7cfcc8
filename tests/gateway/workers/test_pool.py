"""Work is shared out, what is urgent goes first, and a process that ends fails its own only."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import psutil
import pytest

from gateway.errors import SchemaViolationError, WorkerUnavailableError
from gateway.workers.pool import LONG_BYTES, WorkBrokenError, WorkerPool
from tests.gateway.workers import work


@asynccontextmanager
async def pool_of(
    count: int = 1, *, most_waiting: int = 8, starts_early: bool = False
) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(
        work.build,
        count=count,
        larger_than_bytes=10,
        most_waiting=most_waiting,
        starts_early=starts_early,
    )
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()
    assert pool.pids == []


async def has_started(pool: WorkerPool) -> None:
    async with asyncio.timeout(20):
        while not pool.pids:  # noqa: ASYNC110 - a process has no event
            await asyncio.sleep(0.01)


async def test_a_process_starts_for_the_first_work_and_stays() -> None:
    async with pool_of() as pool:
        assert pool.pids == []
        first = await pool.run(work.builder_of)
        assert pool.pids == [first]
        assert await pool.run(work.builder_of) == first


async def test_processes_start_early_where_they_are_wanted() -> None:
    async with pool_of(starts_early=True) as pool:
        await has_started(pool)
        assert await pool.run(work.builder_of) in pool.pids


def test_only_bodies_above_the_limit_are_theirs() -> None:
    pool = WorkerPool(work.build, count=1, larger_than_bytes=10, most_waiting=0)
    assert [pool.takes(size) for size in (0, 10, 11)] == [False, False, True]


async def test_a_refusal_comes_back_with_its_places() -> None:
    async with pool_of() as pool:
        with pytest.raises(SchemaViolationError) as caught:
            await pool.run(work.refuse)
        assert [place.pointer for place in caught.value.places] == ["/a"]


async def test_what_nobody_foresaw_is_logged_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with pool_of() as pool:
        with pytest.raises(WorkBrokenError, match="LookupError"):
            await pool.run(work.fail)
        (pid,) = pool.pids
        assert await pool.run(work.builder_of) == pid
    (record,) = caplog.records
    assert vars(record)["event"] == "worker.unexpected"
    assert work.SECRET not in str(vars(record))


async def test_a_process_that_is_killed_fails_its_own_work_and_is_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with pool_of(2) as pool:
        pids = await asyncio.gather(*[pool.run(partial(slow_pid, seconds=0.5)) for _ in range(2)])
        assert len(set(pids)) == 2
        victim, other = (
            asyncio.ensure_future(pool.run(partial(slow_pid, seconds=1.5))) for _ in range(2)
        )
        await asyncio.sleep(0.3)
        os.kill(pids[0], signal.SIGKILL)
        results = await asyncio.gather(victim, other, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == [
            "WorkerUnavailableError",
            "int",
        ]
        assert pids[1] in results
        with caplog.at_level(logging.ERROR):
            assert await pool.run(work.builder_of) != pids[0]


@pytest.mark.parametrize("starts_early", [False, True])
async def test_processes_that_cannot_be_started_refuse_all_work(*, starts_early: bool) -> None:
    pool = WorkerPool(
        work.build_nothing,
        count=1,
        larger_than_bytes=10,
        most_waiting=8,
        starts_early=starts_early,
    )
    await pool.open()
    try:
        for _ in range(2):
            with pytest.raises(WorkerUnavailableError):
                await pool.run(work.builder_of)
    finally:
        await pool.close()


async def test_more_than_may_wait_is_refused_but_what_is_urgent() -> None:
    async with pool_of(most_waiting=1) as pool:
        await pool.run(work.builder_of)
        order: list[str] = []

        async def ask(name: str, *, urgent: bool = False) -> None:
            await pool.run(work.lasting(0.1), urgent=urgent)
            order.append(name)

        async with asyncio.TaskGroup() as group:
            group.create_task(ask("first"))
            await asyncio.sleep(0)
            group.create_task(ask("waits"))
            await asyncio.sleep(0)
            with pytest.raises(WorkerUnavailableError, match="Too many"):
                await pool.run(work.builder_of)
            group.create_task(ask("urgent", urgent=True))
            group.create_task(ask("urgent too", urgent=True))
        assert order == ["first", "urgent", "urgent too", "waits"]


async def test_a_short_body_never_waits_for_a_very_long_one() -> None:
    async with pool_of(2) as pool:
        long, order = LONG_BYTES + 1, list[str]()

        async def ask(name: str, size_bytes: int, seconds: float) -> None:
            await pool.run(work.lasting(seconds), size_bytes=size_bytes)
            order.append(name)

        await ask("warm", 0, 0)
        await ask("warm", long, 0)
        async with asyncio.TaskGroup() as group:
            group.create_task(ask("long", long, 0.6))
            group.create_task(ask("second long", long, 0))
            await asyncio.sleep(0)
            group.create_task(ask("short", LONG_BYTES, 0.1))
            group.create_task(ask("second short", LONG_BYTES, 0.1))
        assert order[2:4] == ["short", "second short"]
        assert order[4:] == ["long", "second long"]


async def test_the_only_worker_takes_bodies_of_every_size() -> None:
    async with pool_of() as pool:
        assert await pool.run(work.lasting(0), size_bytes=LONG_BYTES + 1) == "done"


async def test_a_caller_that_goes_away_leaves_the_worker_to_the_next() -> None:
    async with pool_of() as pool:
        await pool.run(work.builder_of)
        working = asyncio.ensure_future(pool.run(work.lasting(0.3)))
        waiting = asyncio.ensure_future(pool.run(work.lasting(60)))
        await asyncio.sleep(0.05)
        working.cancel()
        waiting.cancel()
        async with asyncio.timeout(10):
            assert await pool.run(work.lasting(0)) == "done"


async def test_closing_ends_work_and_waiters() -> None:
    async with pool_of() as pool:
        pid = await pool.run(work.builder_of)
        tasks = [asyncio.ensure_future(pool.run(work.lasting(60))) for _ in range(2)]
        await asyncio.sleep(0.05)
        await pool.close()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in told] == [WorkerUnavailableError] * 2
        assert not psutil.pid_exists(pid)
        with pytest.raises(WorkerUnavailableError, match="stops"):
            await pool.run(work.builder_of)


def slow_pid(_context: object, seconds: float) -> int:
    work.last(work.Context(pid=0), seconds)
    return os.getpid()
