"""The one way to write: what waits is grouped into one transaction, and confirmed after its fsync.

The statements of a transaction run on the event loop's own thread, where they cost microseconds;
only the commit, which waits for the disk, runs on a thread of its own. Run there as a whole, every
statement would have to wait for the interpreter lock that the event loop holds. What is large, or
in trouble, runs there nevertheless. Kept out: what a change writes (``transactions``).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import apsw

from gateway.errors import StoreUnavailableError, TransitionConflictError
from gateway.store.faults import refused, unavailable
from gateway.store.futures import Outcome, call_in, settle

log = logging.getLogger(__name__)

T = TypeVar("T")

LARGEST_BATCH = 64
"""Changes in one transaction; more would only hold up the first ones."""

LARGEST_ON_LOOP_BYTES = 2**21
"""Content of a batch that the event loop writes into the page cache: a few milliseconds."""

CHECKPOINT_PAGES = 1_000
"""Pages in the write-ahead log that start a checkpoint: 4 MB. Nothing is written meanwhile: beside
large messages one small one in a hundred waited 27 ms with 16 MB, 8 ms with 4 MB."""

_PATIENCE_MILLISECONDS = 5_000
_PATIENCE_WITH_READERS_MILLISECONDS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class _Job:
    change: Callable[[], Any]
    future: asyncio.Future[Any]
    size_bytes: int


class Writer:
    """Carries changes out in the order they are handed in, many to a transaction.

    Nothing is confirmed before the commit, with its fsync, has returned. A change that is refused
    undoes nothing of the others; a failure of the database fails every change of its transaction.
    """

    def __init__(self, connection: apsw.Connection, queries: Mapping[str, str], path: Path) -> None:
        self._connection = connection
        self._queries = queries
        self._path = path
        self._inode = _inode(path)
        self._waiting: list[_Job] = []
        self._busy = False
        self._log_pages = 0
        self._empties = self._is_emptied = False
        self._work: SimpleQueue[Callable[[], list[Outcome]] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        connection.set_wal_hook(self._note_log_size)

    def start(self) -> None:
        """Begin to write; belongs to the running event loop from now on."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def submit(self, change: Callable[[], T], *, size_bytes: int = 0) -> asyncio.Future[T]:
        """Queue a change; the future is done when it is durable, or refused."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._waiting.append(_Job(change=change, future=future, size_bytes=size_bytes))
        if not self._busy:
            self._busy = True
            # Not at once: tasks that are ready to run may have changes for the same transaction.
            self._loop.call_soon(self._begin)
        return future

    async def empty_log(self) -> bool:
        """Copy the log into the database and empty it, after all changes before.

        Nothing is written meanwhile, a tenth of a second at most. False: a reader needs the log.
        """
        self._empties, self._is_emptied = True, False
        await self.submit(_nothing)
        await self.submit(_nothing)  # is written when the checkpoint has ended
        return self._is_emptied

    async def stop(self) -> None:
        """Finish what is queued and end the thread."""
        # A database that is gone by now has told so to everybody who waited.
        with contextlib.suppress(StoreUnavailableError):
            await self.submit(_nothing)
        self._work.put(None)
        self._thread.join()

    def _begin(self) -> None:
        """Write the next batch, or leave that to the thread; it commits in both cases."""
        batch = self._waiting[:LARGEST_BATCH]
        del self._waiting[:LARGEST_BATCH]
        outcomes: list[Outcome] = []
        if sum(job.size_bytes for job in batch) <= LARGEST_ON_LOOP_BYTES:
            outcomes = self._try(batch)
        if outcomes:
            self._work.put(partial(self._finish, outcomes))
        else:
            self._work.put(partial(self._carry_out, batch))

    def _go_on(self) -> None:
        if self._waiting:
            self._loop.call_soon(self._begin)
        else:
            self._busy = False

    def _settle_and_go_on(self, outcomes: Sequence[Outcome]) -> None:
        settle(outcomes)
        self._go_on()

    def _run(self) -> None:
        """The thread. The connection is its own until it tells the loop to go on."""
        while (work := self._work.get()) is not None:
            outcomes = work()
            if self._log_pages < CHECKPOINT_PAGES and not self._empties:
                call_in(self._loop, self._settle_and_go_on, outcomes)
            else:
                call_in(self._loop, settle, outcomes)
                self._checkpoint()
                call_in(self._loop, self._go_on)

    def _try(self, batch: Sequence[_Job]) -> list[Outcome]:
        """Write the batch without waiting for anything; an empty result: not possible that way."""
        try:
            return self._write(batch, self._plainly)
        except (apsw.Error, _HalfWrittenError):
            return []

    def _finish(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        try:
            self._commit()
        except apsw.Error as error:
            return [(future, None, unavailable(error)) for future, _, _ in outcomes]
        return list(outcomes)

    def _carry_out(self, batch: Sequence[_Job]) -> list[Outcome]:
        """Write and commit a batch, whatever it takes."""
        try:
            self._connection.set_busy_timeout(_PATIENCE_MILLISECONDS)
            outcomes = self._write(batch, self._apart)
            self._commit()
        except apsw.Error as error:
            return [(job.future, None, unavailable(error)) for job in batch]
        finally:
            self._connection.set_busy_timeout(0)
        return outcomes

    def _write(self, batch: Sequence[_Job], carry_out: Callable[[_Job], Outcome]) -> list[Outcome]:
        try:
            self._connection.execute(self._queries["begin"])
            return [carry_out(job) for job in batch]
        except (apsw.Error, _HalfWrittenError):
            self._undo()
            raise

    def _plainly(self, job: _Job) -> Outcome:
        try:
            return job.future, job.change(), None
        except TransitionConflictError as error:  # it wrote nothing
            return job.future, None, error
        except Exception as error:
            raise _HalfWrittenError from error

    def _apart(self, job: _Job) -> Outcome:
        """Carry one change out in a savepoint: as dear as the change itself, so not the rule."""
        execute, queries = self._connection.execute, self._queries
        execute(queries["set_savepoint"])
        try:
            outcome: Outcome = job.future, job.change(), None
        except TransitionConflictError as error:
            outcome = job.future, None, error
        except apsw.ConstraintError as error:
            execute(queries["undo_savepoint"])
            outcome = job.future, None, refused(error)
        except apsw.Error:  # the database failed, and with it the whole batch
            raise
        except Exception as error:  # noqa: BLE001 - the task that waits for this change raises it
            execute(queries["undo_savepoint"])
            outcome = job.future, None, error
        execute(queries["release_savepoint"])
        return outcome

    def _commit(self) -> None:
        try:
            # SQLite would go on writing into a file that was deleted, and all would be lost.
            if _inode(self._path) != self._inode:
                raise apsw.CantOpenError
            self._connection.execute(self._queries["commit"])
        except apsw.Error:
            self._undo()
            raise

    def _undo(self) -> None:
        if self._connection.in_transaction:  # SQLite ends it by itself after some faults
            self._connection.execute(self._queries["rollback"])

    def _note_log_size(self, _connection: apsw.Connection, _schema: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK

    def _checkpoint(self) -> None:
        self._log_pages = 0
        try:
            if self._empties:
                self._try_to_empty_log()
            else:
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            # Nothing is lost: the log keeps what was not copied, and the next batch tries again.
            log.warning(
                "checkpoint failed",
                extra={"event": "store.checkpoint_failed", "error": type(error).__name__},
            )

    def _try_to_empty_log(self) -> None:
        """Unlike a usual checkpoint, this one waits for readers, and may find one."""
        self._empties = False
        self._connection.set_busy_timeout(_PATIENCE_WITH_READERS_MILLISECONDS)
        try:
            with contextlib.suppress(apsw.BusyError):
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                self._is_emptied = True
        finally:
            self._connection.set_busy_timeout(0)


class _HalfWrittenError(Exception):
    """A change failed after it may have written something."""


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _nothing() -> None:
    """Wait for all changes before."""
