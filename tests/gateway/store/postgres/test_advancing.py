import asyncio

from gateway.errors import TransitionConflictError
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import Step
from gateway.store.postgres.accepting import Accepting, new_message
from gateway.store.postgres.advancing import Advancing, Move
from gateway.store.postgres.database import Database
from gateway.store.postgres.heads import Heads
from gateway.store.rows import message_of
from tests.gateway.store.samples import a_message, a_step, a_waiting_message, entry_of


async def accepted(database: Database, *messages: Message, heads: Heads | None = None) -> None:
    batch = [new_message(one, [], [entry_of(State.ACCEPTED)], None) for one in messages]
    await Accepting(database, heads or Heads(), 1).carry_out(batch)


async def now(database: Database, message: Message) -> Message:
    (row,) = await database.read("messages", [message.id])
    return message_of(row)


async def outcomes(advancing: Advancing, *steps: Step) -> list[State | type[BaseException]]:
    results = await advancing.carry_out([Move(step=step) for step in steps])
    return [result.state if result is not None else _kind(error) for result, error in results]


def _kind(error: BaseException | None) -> type[BaseException]:
    assert error is not None
    return type(error)


async def test_a_batch_of_steps_is_carried_out(database: Database) -> None:
    first, second = a_message(), a_message()
    await accepted(database, first, second)
    found = await outcomes(
        Advancing(database, Heads(), 1),
        a_step(first, State.CANCELLED),
        a_step(second, State.DELIVERING, begins_attempt=True),
    )
    assert found == [State.CANCELLED, State.DELIVERING]
    assert (await now(database, second)).attempts == 1


async def test_a_step_that_is_refused_undoes_no_other(database: Database) -> None:
    first, second, unknown = a_message(), a_message(), a_message()
    await accepted(database, first, second)
    found = await outcomes(
        Advancing(database, Heads(), 1),
        a_step(first, State.DEAD),
        a_step(unknown, State.CANCELLED),
        a_step(second, State.CANCELLED),
    )
    assert found == [TransitionConflictError, TransitionConflictError, State.CANCELLED]


async def test_two_steps_of_one_message_are_taken_one_after_the_other(database: Database) -> None:
    message = a_message()
    await accepted(database, message)
    found = await outcomes(
        Advancing(database, Heads(), 1),
        a_step(message, State.DELIVERING),
        a_step(message, State.ANSWERED, start=frozenset({State.DELIVERING})),
        a_step(message, State.CANCELLED),
    )
    assert found == [State.DELIVERING, State.ANSWERED, TransitionConflictError]


async def test_what_another_process_did_is_never_written_over(database: Database) -> None:
    message, mine = a_waiting_message(), Heads()
    await accepted(database, message, heads=mine)
    assert await outcomes(Advancing(database, Heads(), 1), a_step(message, State.DEAD)) == [
        State.DEAD
    ]
    # This process still takes it for delivering.
    assert mine.get(message.id) is not None
    late = a_step(message, State.ANSWERED)
    assert await outcomes(Advancing(database, mine, 1), late) == [TransitionConflictError]
    assert (await now(database, message)).state is State.DEAD
    assert mine.get(message.id) is None


async def test_of_two_processes_one_takes_the_step_and_the_other_sees_it(
    database: Database,
) -> None:
    messages = [a_message() for _ in range(20)]
    await accepted(database, *messages)
    found = await asyncio.gather(
        outcomes(Advancing(database, Heads(), 1), *(a_step(m, State.CANCELLED) for m in messages)),
        outcomes(
            Advancing(database, Heads(), 1), *(a_step(m, State.EXPIRED) for m in messages[::-1])
        ),
    )
    for cancelled, expired in zip(found[0], found[1][::-1], strict=True):
        assert {cancelled, expired} in (
            {State.CANCELLED, TransitionConflictError},
            {State.EXPIRED, TransitionConflictError},
        )


async def test_a_step_that_the_database_refuses_undoes_no_other(database: Database) -> None:
    first, second = a_message(), a_message()
    await accepted(database, first, second)
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE events ADD CHECK (event <> 'message.forbidden')")
    forbidden = entry_of(State.CANCELLED, event="message.forbidden")
    found = await outcomes(
        Advancing(database, Heads(), 1),
        a_step(first, State.CANCELLED, entry=forbidden),
        a_step(second, State.CANCELLED),
    )
    assert found == [TransitionConflictError, State.CANCELLED]
    assert (await now(database, first)).state is State.ACCEPTED
