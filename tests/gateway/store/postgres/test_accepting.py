import dataclasses

import pytest

from gateway.errors import KeyTakenError, TransitionConflictError
from gateway.messaging.idempotency import Claim, Scope
from gateway.messaging.lifecycle import State
from gateway.store.postgres.accepting import Accepting, NewMessage, new_message
from gateway.store.postgres.database import Database
from gateway.store.postgres.heads import Heads
from tests.gateway.store.samples import REQUEST, WIRE, a_message, a_waiting_message, entry_of

CLAIM = Claim(
    scope=Scope(tenant="default", caller="city", operation="residents/search", key="k"),
    fingerprint=b"1" * 32,
)


_LOST = "WHERE message_number NOT IN (SELECT number FROM messages)"


def new(claim: Claim | None = None, *, waits: bool = False) -> NewMessage:
    message = a_waiting_message() if waits else a_message()
    return new_message(message, [REQUEST, WIRE], [entry_of(State.ACCEPTED)], claim)


async def counted(database: Database, table: str) -> int:
    async with database.connection() as connection:
        found: int = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - a constant
        return found


def test_no_message_starts_in_a_later_state() -> None:
    with pytest.raises(TransitionConflictError):
        new_message(a_message(state=State.DEAD), [], [], None)


async def test_a_batch_is_stored_whole(database: Database) -> None:
    heads = Heads()
    batch = [new(), new(waits=True), new(CLAIM)]
    assert await Accepting(database, heads, 1).carry_out(batch) == [(None, None)] * 3
    tables = ("messages", "events", "stages", "attempts", "idempotency_keys")
    assert [await counted(database, table) for table in tables] == [3, 3, 6, 1, 1]
    # Of what is under way the next step needs no look into the database.
    assert [heads.get(one.id) is not None for one in batch] == [False, True, False]
    (row,) = await database.read("messages", [batch[1].id])
    assert tuple(row) == heads.get(batch[1].id)


async def test_a_taken_key_keeps_its_own_message_out_and_no_other(database: Database) -> None:
    accepting = Accepting(database, Heads(), 1)
    await accepting.carry_out([new(CLAIM)])
    first, second = await accepting.carry_out([new(CLAIM), new()])
    assert isinstance(first[1], KeyTakenError)
    assert second == (None, None)
    assert await counted(database, "messages") == 2
    assert await counted(database, "stages") == 4


async def test_of_two_with_one_key_in_one_batch_the_first_is_stored(database: Database) -> None:
    results = await Accepting(database, Heads(), 1).carry_out([new(CLAIM), new(), new(CLAIM)])
    assert [type(error) for _, error in results] == [type(None), type(None), KeyTakenError]


async def test_a_message_that_is_there_already_undoes_no_other(database: Database) -> None:
    accepting = Accepting(database, Heads(), 1)
    known = new()
    await accepting.carry_out([known])
    again, other = await accepting.carry_out([known, new()])
    assert isinstance(again[1], TransitionConflictError)
    assert other == (None, None)


async def test_nothing_is_stored_without_its_message(database: Database) -> None:
    # References are not declared: each row is written in the statement of its message.
    await Accepting(database, Heads(), 1).carry_out([new(CLAIM), new(waits=True)])
    for table in ("events", "stages", "attempts", "idempotency_keys"):
        assert await counted(database, f"{table} {_LOST}") == 0


def test_its_size_is_that_of_its_content() -> None:
    large = dataclasses.replace(REQUEST, body=bytes(1000))
    sized = new_message(a_message(), [large, WIRE], [], None)
    assert sized.size_bytes == 1000 + len(WIRE.body)
