"""The threads that read, beside the one that writes and never in its way.

Each has its own connection, which cannot write. A read sees every change that was confirmed before
it began.
"""

import asyncio
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import apsw

from gateway.store.faults import unavailable
from gateway.store.futures import Outcome, call_in, settle

T = TypeVar("T")
Read = Callable[[apsw.Connection], T]


class Readers:
    """Carries reads out, one thread a connection; they share one queue."""

    def __init__(self, connections: Sequence[apsw.Connection]) -> None:
        self._jobs: SimpleQueue[tuple[Read[Any], asyncio.Future[Any]] | None] = SimpleQueue()
        self._threads = [
            Thread(target=self._run, args=[connection], name="store-reader", daemon=True)
            for connection in connections
        ]

    def start(self) -> None:
        """Begin to read; results are handed to the running event loop."""
        self._loop = asyncio.get_running_loop()
        for thread in self._threads:
            thread.start()

    def submit(self, read: Read[T]) -> asyncio.Future[T]:
        """Queue a read; the future is done when its rows are there."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put((read, future))
        return future

    def stop(self) -> None:
        """Finish what is queued and end the threads; blocks until then."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, connection: apsw.Connection) -> None:
        while (job := self._jobs.get()) is not None:
            read, future = job
            call_in(self._loop, settle, [_carry_out(read, connection, future)])


def _carry_out(
    read: Read[Any], connection: apsw.Connection, future: asyncio.Future[Any]
) -> Outcome:
    try:
        return future, read(connection), None
    except apsw.Error as error:
        return future, None, unavailable(error)
    except Exception as error:  # noqa: BLE001 - the task that waits for this read raises it
        return future, None, error
