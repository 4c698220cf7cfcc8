"""The SQLite store keeps every promise of the port, and some of its own."""

import asyncio
import dataclasses
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import apsw
import pytest
from typing_extensions import override

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId
from gateway.messaging.ports import MessageFilter, MessageStore
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance import MessageStoreConformance
from tests.gateway.store.conformance_channels import ChannelConformance
from tests.gateway.store.conformance_due import DueConformance
from tests.gateway.store.conformance_keys import IdempotencyKeyConformance
from tests.gateway.store.conformance_lists import ListConformance
from tests.gateway.store.conformance_order import OrderConformance
from tests.gateway.store.conformance_refusals import RefusalConformance
from tests.gateway.store.conformance_sequences import SequenceConformance
from tests.gateway.store.samples import (
    ANSWER,
    REQUEST,
    a_message,
    a_step,
    a_waiting_message,
    stored,
)

PROJECT = Path(__file__).resolve().parents[3]


class TestSqliteStore(MessageStoreConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")


class TestSqliteDue(DueConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")


class TestSqliteLists(ListConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")


class TestSqliteKeys(IdempotencyKeyConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")


class TestSqliteChannels(ChannelConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")


class TestSqliteRefusals(RefusalConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")


class TestSqliteOrder(OrderConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")


class TestSqliteSequences(SequenceConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "messages.db")
    await store.open()
    yield store
    await store.close()


def connections_of(store: SqliteStore) -> Sequence[apsw.Connection]:
    """The connection that writes, then those that read."""
    assert store._open is not None
    return store._open.connections


async def test_a_confirmed_message_survives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "messages.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _ACCEPT_AND_HANG, str(path), cwd=PROJECT, stdout=PIPE
    )
    assert process.stdout is not None
    message_id = MessageId((await process.stdout.readline()).decode().strip())
    with pytest.raises(ConfigurationError, match=f"process {process.pid}"):
        await SqliteStore(path).open()
    process.kill()
    await process.wait()
    store = SqliteStore(path)
    await store.open()
    assert [message.id for message in await store.interrupted()] == [message_id]
    assert is_unbroken(message_id, await store.history(message_id))
    await store.close()


async def test_a_second_store_on_the_same_data_is_told_so(
    store: SqliteStore, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError):
        await SqliteStore(tmp_path / "messages.db").open()
    assert await store.next_due_at() is None


_ACCEPT_AND_HANG = """
import asyncio, pathlib, sys
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.samples import a_waiting_message, stored

async def main():
    store = SqliteStore(pathlib.Path(sys.argv[1]))
    await store.open()
    message = await stored(store, a_waiting_message())
    print(message.id, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_writes_wait_for_the_disk_and_reads_cannot_write(store: SqliteStore) -> None:
    writing, *reading = connections_of(store)
    assert writing.pragma("journal_mode") == "wal"
    assert writing.pragma("synchronous") == 2
    assert [connection.pragma("query_only") for connection in reading] == [1, 1]


async def test_only_the_owner_may_read_the_files(store: SqliteStore, tmp_path: Path) -> None:
    await stored(store, a_message())
    modes = await asyncio.to_thread(_modes, tmp_path)
    assert modes == [0o600] * 4  # the database, its log, the log's index, the lock


async def test_nothing_is_stored_without_its_message(store: SqliteStore) -> None:
    # References are declared and not enforced: the one writer knows the message of each row.
    message = await stored(store, a_waiting_message())
    await store.advance(a_step(message, State.ANSWERED, stages=[ANSWER]))
    assert connections_of(store)[0].execute("PRAGMA foreign_key_check").fetchall() == []


def _modes(folder: Path) -> list[int]:
    return [path.stat().st_mode & 0o777 for path in folder.iterdir()]


async def test_a_full_disk_refuses_everything_until_there_is_room(store: SqliteStore) -> None:
    writing = connections_of(store)[0]
    known = await stored(store, a_message())
    unlimited = writing.pragma("max_page_count")
    writing.pragma("max_page_count", writing.pragma("page_count"))
    large = dataclasses.replace(REQUEST, body=bytes(1_000_000))
    results = await asyncio.gather(
        stored(store, a_message()), stored(store, a_message(), [large]), return_exceptions=True
    )
    assert [type(result) for result in results] == [StoreUnavailableError] * 2
    assert (await store.find(MessageFilter(), limit=9))[0] == [known]
    writing.pragma("max_page_count", unlimited)
    message = await stored(store, a_message(), [large])
    assert await store.get(message.id) == message


async def test_a_deleted_database_confirms_nothing(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "messages.db").rename(tmp_path / "gone.db")
    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        await stored(store, a_message())
    (tmp_path / "gone.db").rename(tmp_path / "messages.db")
    message = await stored(store, a_message())
    assert [message] == (await store.find(MessageFilter(), limit=9))[0]


async def test_a_store_whose_database_is_gone_can_be_closed(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "messages.db")
    await store.open()
    (tmp_path / "messages.db").unlink()
    await store.close()
    await store.open()  # a new one, and the lock is free
    await store.close()


async def test_a_foreign_lock_is_waited_for_without_holding_up_the_loop(
    store: SqliteStore, tmp_path: Path
) -> None:
    foreign = apsw.Connection(str(tmp_path / "messages.db"))
    foreign.execute("BEGIN IMMEDIATE")
    async with asyncio.TaskGroup() as tasks:
        accepting = tasks.create_task(stored(store, a_message()))
        assert await store.next_due_at() is None
        assert not accepting.done()
        foreign.execute("ROLLBACK")
    foreign.close()
    assert await store.get(accepting.result().id) == accepting.result()


async def test_a_write_that_takes_too_long_is_seen(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.sqlite.PROBE_SECONDS", 0.05)
    foreign = apsw.Connection(str(tmp_path / "messages.db"))
    foreign.execute("BEGIN IMMEDIATE")
    assert not (await store.condition()).writes
    foreign.execute("ROLLBACK")
    foreign.close()
    monkeypatch.undo()
    assert (await store.condition()).writes


async def test_writes_into_a_deleted_database_are_seen_to_fail(
    store: SqliteStore, tmp_path: Path
) -> None:
    (tmp_path / "messages.db").unlink()
    assert not (await store.condition()).writes


async def test_a_damaged_file_is_unavailable_and_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "messages.db"
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(StoreUnavailableError, match="not a database"):
        await SqliteStore(path).open()
    path.unlink()
    store = SqliteStore(path)
    await store.open()
    await store.close()


async def test_a_path_that_is_a_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        await SqliteStore(tmp_path).open()


async def test_reading_a_damaged_database_is_unavailable(store: SqliteStore) -> None:
    connections_of(store)[0].execute("DROP TABLE attempts")
    with pytest.raises(StoreUnavailableError, match="SQLError"):
        await store.attempts(a_message().id)
