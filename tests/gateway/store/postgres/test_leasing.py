import asyncio

from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.store.postgres.accepting import Accepting, new_message
from gateway.store.postgres.database import Database
from gateway.store.postgres.heads import Heads
from gateway.store.postgres.leasing import Leasing
from tests.gateway.store.samples import NOW, a_message, a_waiting_message, entry_of


async def accepted(database: Database, *messages: Message) -> list[bytes]:
    batch = [new_message(one, [], [entry_of(State.ACCEPTED)], None) for one in messages]
    await Accepting(database, Heads(), 1).carry_out(batch)
    return [one.head for one in batch]


async def test_several_processes_never_take_the_same(database: Database) -> None:
    messages = [a_message() for _ in range(40)]
    await accepted(database, *messages)
    processes = [Leasing(database, Heads(), 1) for _ in range(4)]
    taken = await asyncio.gather(
        *(one.lease_due(channel="munich", now=NOW, limit=15) for one in processes)
    )
    ids = [message.id for leased in taken for message in leased]
    assert len(ids) == len(set(ids))
    # What was held by another one in that moment is left for the next time.
    rest = await processes[0].lease_due(channel="munich", now=NOW, limit=99)
    assert sorted([*ids, *(message.id for message in rest)]) == sorted(one.id for one in messages)


async def test_what_was_taken_by_a_broken_connection_is_handed_out_next(
    database: Database,
) -> None:
    taken, not_taken = a_waiting_message(), a_message(channel="berlin")
    head, other = await accepted(database, taken, not_taken)
    leasing = Leasing(database, Heads(), 1)
    leasing.note("munich", taken.id, head)
    leasing.note("munich", not_taken.id, other)
    assert [one.id for one in await leasing.lease_due(channel="munich", now=NOW, limit=9)] == [
        taken.id
    ]
    assert await leasing.lease_due(channel="munich", now=NOW, limit=9) == []


async def test_what_moved_on_meanwhile_is_not_handed_out(database: Database) -> None:
    message = a_waiting_message()
    await accepted(database, message)
    leasing = Leasing(database, Heads(), 1)
    leasing.note("munich", message.id, b"x" * 32)
    assert await leasing.lease_due(channel="munich", now=NOW, limit=9) == []
