import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import apsw
import pytest
from typing_extensions import override

from gateway.errors import StoreUnavailableError, TransitionConflictError
from gateway.store import writer as module
from gateway.store.queries import load_queries
from gateway.store.writer import LARGEST_BATCH, LARGEST_ON_LOOP_BYTES, Writer


class Watched(apsw.Connection):
    """Counts commits, and fails where a test wants it to."""

    commits = 0
    broken = frozenset[str]()

    @override
    def execute(self, statements: str, *args: object, **kwargs: object) -> apsw.Cursor:
        if statements in self.broken:
            raise apsw.IOError("secret")
        self.commits += statements == "COMMIT"
        return super().execute(statements, *args, **kwargs)  # type: ignore[arg-type]

    @override
    def wal_checkpoint(self, *args: object, **kwargs: object) -> tuple[int, int]:
        if "checkpoint" in self.broken:
            raise apsw.IOError("secret")
        return super().wal_checkpoint(*args, **kwargs)  # type: ignore[arg-type]


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Watched]:
    connection = Watched(str(tmp_path / "a.db"))
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE a (b UNIQUE)")
    yield connection
    connection.close()


@pytest.fixture
async def writer(connection: Watched, tmp_path: Path) -> AsyncIterator[Writer]:
    writer = Writer(connection, load_queries(), tmp_path / "a.db")
    writer.start()
    yield writer
    connection.broken = frozenset()
    await writer.stop()


def rows(connection: apsw.Connection) -> list[object]:
    return [b for (b,) in connection.execute("SELECT b FROM a ORDER BY rowid")]


def insert(connection: apsw.Connection, *values: int) -> Callable[[], int]:
    def change() -> int:
        for value in values:
            connection.execute("INSERT INTO a VALUES (?)", (value,))
        return values[-1]

    return change


async def test_changes_that_wait_share_a_commit(connection: Watched, writer: Writer) -> None:
    changes = [writer.submit(insert(connection, n)) for n in range(50)]
    results = [await change for change in changes]
    assert results == rows(connection) == list(range(50))
    assert connection.commits == 1


async def test_a_batch_has_its_limit(connection: Watched, writer: Writer) -> None:
    count = LARGEST_BATCH + 1
    await asyncio.gather(*(writer.submit(insert(connection, n)) for n in range(count)))
    assert rows(connection) == list(range(count))
    assert connection.commits == 2


async def test_large_changes_are_written_by_the_thread(connection: Watched, writer: Writer) -> None:
    size = LARGEST_ON_LOOP_BYTES + 1
    assert await writer.submit(insert(connection, 1), size_bytes=size) == 1
    assert rows(connection) == [1]


async def test_a_refused_change_undoes_itself_and_no_other(
    connection: Watched, writer: Writer
) -> None:
    await writer.submit(insert(connection, 0))
    results = await asyncio.gather(
        writer.submit(insert(connection, 1)),
        writer.submit(insert(connection, 2, 0)),
        writer.submit(insert(connection, 3)),
        return_exceptions=True,
    )
    assert isinstance(results[1], TransitionConflictError)
    assert list(results[::2]) == [1, 3]
    assert rows(connection) == [0, 1, 3]


async def test_a_conflict_is_told_in_a_batch_with_another_refusal(
    connection: Watched, writer: Writer
) -> None:
    def conflict() -> None:
        raise TransitionConflictError("moved on")

    results = await asyncio.gather(
        writer.submit(conflict),
        writer.submit(insert(connection, 1, 1)),
        writer.submit(lambda: 1 // 0),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [
        TransitionConflictError,
        TransitionConflictError,
        ZeroDivisionError,
    ]
    assert rows(connection) == []


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "COMMIT"])
@pytest.mark.parametrize("size", [0, LARGEST_ON_LOOP_BYTES + 1])
async def test_a_failing_disk_confirms_nothing_and_is_recovered_from(
    connection: Watched, writer: Writer, statement: str, size: int
) -> None:
    connection.broken = frozenset({statement})
    results = await asyncio.gather(
        *(writer.submit(insert(connection, n), size_bytes=size) for n in range(2)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StoreUnavailableError] * 2
    assert "secret" not in str(results[0])
    connection.broken = frozenset()
    assert await writer.submit(insert(connection, 1)) == 1
    assert rows(connection) == [1]


async def test_a_disk_that_fails_twice_is_recovered_from(
    connection: Watched, writer: Writer
) -> None:
    connection.broken = frozenset({"COMMIT", "ROLLBACK"})
    with pytest.raises(StoreUnavailableError):
        await writer.submit(insert(connection, 1))
    connection.broken = frozenset()
    assert await writer.submit(insert(connection, 2)) == 2
    assert rows(connection) == [2]


async def test_a_long_log_is_copied_into_the_database(
    connection: Watched, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECKPOINT_PAGES", 1)
    for n in range(3):
        await writer.submit(insert(connection, n))
    await writer.submit(lambda: None)
    (tmp_path / "copy.db").write_bytes((tmp_path / "a.db").read_bytes())
    copy = apsw.Connection(str(tmp_path / "copy.db"))
    assert rows(copy) == [0, 1, 2]
    copy.close()


async def test_a_failed_checkpoint_is_logged_and_loses_nothing(
    connection: Watched,
    writer: Writer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "CHECKPOINT_PAGES", 1)
    connection.broken = frozenset({"checkpoint"})
    with caplog.at_level(logging.WARNING):
        await writer.submit(insert(connection, 1))
        await writer.submit(insert(connection, 2))
    assert "store.checkpoint_failed" in {getattr(record, "event", "") for record in caplog.records}
    assert "secret" not in caplog.text
    assert rows(connection) == [1, 2]
