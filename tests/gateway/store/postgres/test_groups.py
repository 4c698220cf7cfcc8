import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from gateway.store.postgres.groups import LARGE_BYTES, LARGEST_BATCH, Group, Result


class Batches:
    """Doubles numbers, refuses negative ones, breaks on zero, and waits while it is held."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def carry_out(self, batch: Sequence[int]) -> Sequence[Result[int]]:
        self.seen.append(list(batch))
        await self.free.wait()
        if 0 in batch:
            raise OSError
        return [(None, ValueError()) if one < 0 else (one * 2, None) for one in batch]


@pytest.fixture
def batches() -> Batches:
    return Batches()


@pytest.fixture
async def group(batches: Batches) -> AsyncIterator[Group[int, int]]:
    group = Group(batches.carry_out)
    async with asyncio.TaskGroup() as tasks:
        group.start(tasks)
        yield group
        batches.free.set()


async def test_what_comes_together_is_one_batch(batches: Batches, group: Group[int, int]) -> None:
    assert await asyncio.gather(*(group.submit(one) for one in (1, 2, 3))) == [2, 4, 6]
    assert batches.seen == [[1, 2, 3]]


async def test_what_comes_meanwhile_is_the_next_batch(
    batches: Batches, group: Group[int, int]
) -> None:
    batches.free.clear()
    futures = [group.submit(1)]
    await asyncio.sleep(0)
    futures += [group.submit(one) for one in range(2, LARGEST_BATCH + 3)]
    await asyncio.sleep(0)
    batches.free.set()
    await asyncio.gather(*futures)
    assert [len(batch) for batch in batches.seen] == [1, LARGEST_BATCH, 1]


async def test_a_large_job_is_beside_the_batches(batches: Batches, group: Group[int, int]) -> None:
    batches.free.clear()
    small, large = group.submit(1), group.submit(2, size_bytes=LARGE_BYTES)
    await asyncio.sleep(0)
    assert sorted(batches.seen) == [[1], [2]]
    batches.free.set()
    assert (await small, await large) == (2, 4)


async def test_one_that_is_refused_is_told_alone(group: Group[int, int]) -> None:
    ended = await asyncio.gather(group.submit(1), group.submit(-1), return_exceptions=True)
    assert ended[0] == 2
    assert isinstance(ended[1], ValueError)


async def test_a_batch_that_breaks_is_told_to_all_and_the_next_goes_on(
    group: Group[int, int],
) -> None:
    ended = await asyncio.gather(group.submit(1), group.submit(0), return_exceptions=True)
    assert [type(one) for one in ended] == [OSError, OSError]
    assert await group.submit(1) == 2


async def test_who_does_not_wait_any_more_disturbs_nobody(group: Group[int, int]) -> None:
    gone, there = group.submit(1), group.submit(2)
    gone.cancel()
    assert await there == 4
