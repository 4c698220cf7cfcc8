"""Large content is stored in pieces, found whole, and leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from gateway.errors import TransitionConflictError
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, Stage, StageKind
from gateway.store.pieces import PIECE_BYTES
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.samples import a_message, a_step, a_waiting_message, entry_of

LARGE = bytes(range(256)) * 4 * 1024 * 3 + b"end"


def stage(kind: StageKind, body: bytes) -> Stage:
    return Stage(kind=kind, body=body, media_type="application/xml", ledger=b"{}")


REQUEST = stage(StageKind.WIRE_REQUEST, LARGE)
ANSWER = stage(StageKind.WIRE_ANSWER, LARGE[::-1])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path)
    await store.open()
    yield store
    await store.close()


async def accepted(store: SqliteStore, *stages: Stage) -> Message:
    message = a_waiting_message()
    await store.accept(message, stages, [entry_of(State.ACCEPTED)])
    return message


def pieces(path: Path) -> int:
    connection = apsw.Connection(str(path))
    counted: int = connection.execute("SELECT count(*) FROM pieces").get
    connection.close()
    return counted


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, len(LARGE)])
async def test_content_of_any_size_is_found_whole(
    store: SqliteStore, path: Path, size: int
) -> None:
    first = stage(StageKind.WIRE_REQUEST, LARGE[:size])
    message = await accepted(store, first, stage(StageKind.CANONICAL_REQUEST, b"{}"))
    assert await store.stage(message.id, StageKind.WIRE_REQUEST) == first
    assert pieces(path) == (-(-size // PIECE_BYTES) if size > PIECE_BYTES else 0)


async def test_steps_bring_large_content_too(store: SqliteStore) -> None:
    message = await accepted(store, REQUEST)
    await store.advance(a_step(message, State.ANSWERED, stages=[ANSWER]))
    assert await store.stage(message.id, StageKind.WIRE_REQUEST) == REQUEST
    assert await store.stage(message.id, StageKind.WIRE_ANSWER) == ANSWER


async def test_what_a_refused_step_brought_is_removed(store: SqliteStore, path: Path) -> None:
    message = await accepted(store)
    await store.advance(a_step(message, State.ANSWERED))
    with pytest.raises(TransitionConflictError):
        await store.advance(a_step(message, State.ANSWERED, stages=[ANSWER]))
    assert pieces(path) == 0


async def test_content_that_is_replaced_leaves_no_pieces(store: SqliteStore, path: Path) -> None:
    message = await accepted(store)
    await store.advance(a_step(message, State.INVALID, stages=[ANSWER]))
    small = stage(StageKind.WIRE_ANSWER, b"<small/>")
    again = a_step(message, State.ANSWERED, start=frozenset({State.INVALID}), stages=[small])
    await store.advance(again)
    assert pieces(path) == 0
    assert await store.stage(message.id, StageKind.WIRE_ANSWER) == small


async def test_pieces_without_a_message_go_with_the_next_start(path: Path) -> None:
    store = SqliteStore(path)
    await store.open()
    kept = await accepted(store, REQUEST)
    opened = store._opened()
    await opened.pieces.put([ANSWER])
    await store.close()
    both = pieces(path)
    store = SqliteStore(path)
    await store.open()
    try:
        assert pieces(path) == both // 2
        assert await store.stage(kept.id, StageKind.WIRE_REQUEST) == REQUEST
        other = await _another(store)
        assert await store.stage(other.id, StageKind.WIRE_REQUEST) == REQUEST
        assert await store.stage(kept.id, StageKind.WIRE_REQUEST) == REQUEST
    finally:
        await store.close()


async def test_small_changes_are_durable_between_the_pieces(store: SqliteStore) -> None:
    done: list[str] = []

    async def large() -> None:
        await accepted(store, REQUEST, ANSWER)
        done.append("large")

    async def small() -> None:
        await asyncio.sleep(0)
        await store.next_due_at()
        await _another(store, large=False)
        done.append("small")

    await asyncio.gather(large(), small())
    assert done == ["small", "large"]


async def _another(store: SqliteStore, *, large: bool = True) -> Message:
    message = a_message()
    await store.accept(message, [REQUEST] if large else [], [entry_of(State.ACCEPTED)])
    return message
