"""Retention on SQLite: as every store, and erased content is not in its files any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import apsw
import pytest
from typing_extensions import override

from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, Stage, StageKind
from gateway.messaging.ports import MessageStore
from gateway.messaging.retention import Part, RetentionStore
from gateway.store.pieces import PIECE_BYTES
from gateway.store.retention import LARGEST_BATCH_BYTES, SqliteRetention
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_retention import LATE, RetentionConformance, due, settled
from tests.gateway.store.samples import NOW, a_step, a_waiting_message, entry_of

MARK = b"Quendelbart"


class TestSqliteRetention(RetentionConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")

    @override
    @pytest.fixture
    def retention(self, store: MessageStore) -> RetentionStore:
        assert isinstance(store, SqliteStore)
        return SqliteRetention(store)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "messages.db")
    await store.open()
    yield store
    await store.close()


async def with_body(store: SqliteStore, size: int) -> Message:
    """A settled message whose request has so many bytes, all of them marked."""
    body = (MARK * (size // len(MARK) + 1))[:size]
    message = a_waiting_message()
    stage = Stage(kind=StageKind.WIRE_REQUEST, body=body, media_type="application/xml")
    await store.accept(message, [stage], [entry_of(State.DELIVERING)])
    return await store.advance(a_step(message, State.ANSWERED, entry=entry_of(State.ANSWERED)))


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def pages(path: Path) -> int:
    connection = apsw.Connection(str(path))
    counted: int = connection.pragma("page_count")
    connection.close()
    return counted


@pytest.mark.parametrize("size", [100, 3_000, 20_000, PIECE_BYTES + 1, 5 * PIECE_BYTES])
async def test_erased_content_is_in_no_file_any_more(
    store: SqliteStore, tmp_path: Path, size: int
) -> None:
    for _ in range(3):
        await with_body(store, size)
    assert MARK in await asyncio.to_thread(bytes_on_disk, tmp_path)
    retention = SqliteRetention(store)
    assert (await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)).count >= 1
    while (await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)).count:
        pass
    assert await retention.tidy()
    assert MARK not in await asyncio.to_thread(bytes_on_disk, tmp_path)


async def test_a_reader_in_the_way_of_tidying_is_told(store: SqliteStore, tmp_path: Path) -> None:
    await with_body(store, 100)
    reading = apsw.Connection(str(tmp_path / "messages.db"))
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM messages").fetchall()
    retention = SqliteRetention(store)
    await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)
    assert not await retention.tidy()
    reading.close()
    assert await retention.tidy()


async def test_space_is_used_again(store: SqliteStore, tmp_path: Path) -> None:
    retention = SqliteRetention(store)
    sizes = []
    for _ in range(3):
        for _ in range(20):
            await with_body(store, 20_000)
        sizes.append(await asyncio.to_thread(pages, tmp_path / "messages.db"))
        while (await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)).count:
            pass
    assert sizes[2] - sizes[0] < sizes[0] / 10


async def test_a_batch_of_large_content_is_a_small_one(store: SqliteStore) -> None:
    for _ in range(6):
        await with_body(store, LARGEST_BATCH_BYTES // 5)
    done = await SqliteRetention(store).erase(due(Part.PAYLOAD), now=LATE, limit=100)
    assert (done.count, done.after is None) == (5, False)
    done = await SqliteRetention(store).erase(
        due(Part.PAYLOAD), now=LATE, limit=100, after=done.after
    )
    assert (done.count, done.after) == (1, None)


async def test_pieces_of_new_content_are_never_taken_for_erased_ones(tmp_path: Path) -> None:
    path = tmp_path / "messages.db"
    store = SqliteStore(path)
    await store.open()
    await with_body(store, PIECE_BYTES + 1)
    await store.change(lambda connection: connection.execute("DELETE FROM stages").fetchall())
    await store.close()  # as after a crash between a stage and its pieces

    await store.open()
    message = await with_body(store, PIECE_BYTES + 1)
    await settled(store, NOW, operation="residents/report")
    await SqliteRetention(store).erase(
        due(Part.PAYLOAD, operation="residents/report"), now=LATE, limit=10
    )
    stage = await store.stage(message.id, StageKind.WIRE_REQUEST)
    assert stage is not None
    assert len(stage.body) == PIECE_BYTES + 1
    await store.close()


@pytest.mark.parametrize("part", Part)
async def test_what_is_due_is_found_by_an_index(store: SqliteStore, part: Part) -> None:
    statement = SqliteRetention(store)._queries[f"due_{part}"]
    bindings = dict.fromkeys(
        ("operation", "operation_version", "before", "after_at", "after_number", "states", "limit")
    )
    plan = await store.look(
        lambda connection: connection.execute(
            f"EXPLAIN QUERY PLAN {statement}", bindings
        ).fetchall()
    )
    index = "messages_without_content" if part is Part.RECORD else "messages_with_content"
    assert index in str(plan[0])
    assert "TEMP B-TREE" not in str(plan)
