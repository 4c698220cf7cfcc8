"""Group commit: what waits at the same time is carried out as one batch, in one transaction.

A transaction a message would cost more than all else the store does. Kept out: what a batch writes
(``accepting``, ``advancing``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from gateway.store.futures import Outcome, settle

J = TypeVar("J")
R = TypeVar("R")

LARGEST_BATCH = 64
"""Changes in one transaction; more would only hold up the first ones."""

LARGE_BYTES = 256 * 1024
"""Content from which on a change is written by itself, beside the batches, and holds up none."""

Result: TypeAlias = tuple[R, None] | tuple[None, BaseException]
"""What became of a job, or the error that takes its place."""

CarryOut: TypeAlias = Callable[[Sequence[J]], Awaitable[Sequence[Result[R]]]]
"""Writes a batch and returns the result of each job."""


class Group(Generic[J, R]):
    """Jobs of one kind, in the order they come: one batch at a time, and large jobs beside it.

    More batches at a time would be smaller ones, and dearer: half the messages in a second.
    """

    def __init__(self, carry_out: CarryOut[J, R]) -> None:
        self._carry_out = carry_out
        self._waiting: list[tuple[J, asyncio.Future[R]]] = []
        self._busy = False
        self._tasks: asyncio.TaskGroup  # from the start on

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Begin to carry out; every batch is a task of this group, whose end waits for them."""
        self._tasks = tasks

    def submit(self, job: J, *, size_bytes: int = 0) -> asyncio.Future[R]:
        """Queue a job; the future is done when it is durable, or refused."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        if size_bytes >= LARGE_BYTES:
            self._tasks.create_task(self._settle([(job, future)]))
            return future
        self._waiting.append((job, future))
        if not self._busy:
            self._busy = True
            # A task begins later: what is ready to run by then may have jobs for the same batch.
            self._tasks.create_task(self._run())
        return future

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:LARGEST_BATCH]
                del self._waiting[:LARGEST_BATCH]
                await self._settle(batch)
        finally:
            self._busy = False

    async def _settle(self, batch: Sequence[tuple[J, asyncio.Future[R]]]) -> None:
        outcomes: list[Outcome]
        try:
            results = await self._carry_out([job for job, _ in batch])
            outcomes = [
                (future, result, error)
                for (_, future), (result, error) in zip(batch, results, strict=True)
            ]
        except Exception as error:  # noqa: BLE001 - the tasks that wait for these jobs raise it
            outcomes = [(future, None, error) for _, future in batch]
        settle(outcomes)
