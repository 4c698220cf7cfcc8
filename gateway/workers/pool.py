"""The worker processes of a gateway: who works next, and what happens when one ends.

Kept out: what the work is (``gateway.flow``), and how a process is spoken to (``worker``).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from typing_extensions import override

from gateway.errors import WorkerUnavailableError
from gateway.flow.workers import Work, Workers
from gateway.workers.process import Done, Refused
from gateway.workers.worker import Worker, WorkerEndedError

log = logging.getLogger(__name__)

T = TypeVar("T")

LONG_BYTES = 2**20
"""Body that takes so long that shorter ones must not wait for it: from about 0.1 s on."""


class WorkBrokenError(Exception):
    """Work failed in a way nobody foresaw; type and frames were logged, its text is not known."""


class WorkerPool(Workers):
    """See ``Workers``. A process stays once it is started, and is replaced when it ends.

    Where there are several, one takes no body above ``LONG_BYTES``: shorter ones never wait for as
    long as such a body takes. Each has a thread here that hands work over and waits for the reply:
    large bytes then pass without the event loop.

    Attributes:
        starts_early: Whether processes are started by ``open``, else for the first work.
    """

    def __init__(
        self,
        build: Callable[[], Any],
        *,
        count: int,
        larger_than_bytes: int,
        most_waiting: int,
        starts_early: bool = False,
    ) -> None:
        """Make a pool without processes.

        Args:
            build: Makes in each process the context of its work; can be pickled.
            count: Number of processes, at least 1.
            larger_than_bytes: Longest body that is not theirs.
            most_waiting: Work that waits while all are busy; what is urgent waits beyond that.
            starts_early: Whether processes are started by ``open``, else for the first work.
        """
        self._count = count
        self._larger_than_bytes = larger_than_bytes
        self._most_waiting = most_waiting
        self.starts_early = starts_early
        self._workers = [Worker(build) for _ in range(count)]
        self._idle = list(self._workers)
        self._spared = self._workers[0] if count > 1 else None
        self._waiting: deque[_Turn] = deque()
        self._urgent: deque[_Turn] = deque()
        self._threads: ThreadPoolExecutor | None = None

    @property
    def pids(self) -> list[int]:
        """Processes there are at the moment."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    @override
    def takes(self, size_bytes: int) -> bool:
        return size_bytes > self._larger_than_bytes

    @override
    async def open(self) -> None:
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="worker")
        if self.starts_early:
            idle, self._idle = self._idle, []
            for worker in idle:
                self._start(worker, self._threads)

    @override
    async def close(self) -> None:
        threads, self._threads = self._threads, None
        for turn in (*self._urgent, *self._waiting):
            if not turn.worker.done():
                turn.worker.set_exception(WorkerUnavailableError("The gateway stops."))
        if threads is not None:
            await asyncio.to_thread(self._end, threads)

    @override
    async def run(self, work: Work[T], *, size_bytes: int = 0, urgent: bool = False) -> T:
        worker = await self._worker(is_long=size_bytes > LONG_BYTES, urgent=urgent)
        if self._threads is None:
            raise WorkerUnavailableError("The gateway stops.")
        working = asyncio.get_running_loop().run_in_executor(self._threads, worker.do, work)
        # Not when the caller goes on: cancelled, it leaves the worker busy.
        working.add_done_callback(partial(self._worked, worker))
        try:
            reply = await asyncio.shield(working)
        except WorkerEndedError:
            raise WorkerUnavailableError(
                "The process that worked on the body ended before it was done."
            ) from None
        if isinstance(reply, Done):
            result: T = reply.result
            return result
        if isinstance(reply, Refused):
            raise reply.error
        told = {"event": "worker.unexpected", "error": reply.kind, "frames": reply.frames}
        log.error("work in a worker process ended unexpectedly", extra=told)
        raise WorkBrokenError(reply.kind)

    async def _worker(self, *, is_long: bool, urgent: bool) -> Worker:
        """Wait for a worker that is idle and takes such a body, and take it."""
        idle = self._idle_for(is_long=is_long)
        if idle is not None:
            return idle
        if not urgent and len(self._waiting) >= self._most_waiting:
            raise WorkerUnavailableError("Too many large bodies wait to be checked.")
        turn = _Turn(worker=asyncio.get_running_loop().create_future(), is_long=is_long)
        queue = self._urgent if urgent else self._waiting
        queue.append(turn)
        try:
            return await turn.worker
        except asyncio.CancelledError:
            given = turn.worker
            if turn in queue:
                queue.remove(turn)
            elif given.done() and not given.cancelled() and given.exception() is None:
                self._give_back(given.result())
            raise

    def _idle_for(self, *, is_long: bool) -> Worker | None:
        """Take an idle worker; a short body takes the spared one, so that the others stay free."""
        for worker in sorted(self._idle, key=lambda one: one is not self._spared):
            if not (is_long and worker is self._spared):
                self._idle.remove(worker)
                return worker
        return None

    def _end(self, threads: ThreadPoolExecutor) -> None:
        for worker in self._workers:
            worker.end()
        threads.shutdown(cancel_futures=True)
        for worker in self._workers:  # one may have been started meanwhile
            worker.end()

    def _worked(self, worker: Worker, working: asyncio.Future[Any]) -> None:
        """Let the next one have a worker; start its process anew if that has ended."""
        if working.cancelled() or working.exception() is None or self._threads is None:
            self._give_back(worker)
            return
        log.error("a worker process ended", extra={"event": "worker.ended"})
        self._start(worker, self._threads)

    def _start(self, worker: Worker, threads: ThreadPoolExecutor) -> None:
        starting = asyncio.get_running_loop().run_in_executor(threads, worker.start)
        starting.add_done_callback(partial(self._started, worker))

    def _started(self, worker: Worker, starting: asyncio.Future[None]) -> None:
        """Let the next one have a worker; one that could not be started is by its next work."""
        if not starting.cancelled() and starting.exception() is not None:
            log.error("a worker process could not be started", extra={"event": "worker.ended"})
        self._give_back(worker)

    def _give_back(self, worker: Worker) -> None:
        """Let the next one have a worker, of those whose body it takes."""
        for queue in (self._urgent, self._waiting):
            for turn in tuple(queue):
                if turn.is_long and worker is self._spared:
                    continue
                queue.remove(turn)
                if not turn.worker.done():
                    turn.worker.set_result(worker)
                    return
        self._idle.append(worker)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Turn:
    """Work that waits for a worker."""

    worker: asyncio.Future[Worker]
    is_long: bool
