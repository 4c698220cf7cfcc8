"""Changes about dead letters: a refused one leaves the others of its transaction alone."""

import asyncio
from pathlib import Path

import apsw
import pytest

from gateway.errors import MessageCorrectedError
from gateway.messaging.lifecycle import State
from gateway.messaging.replays import Chosen, Handling
from gateway.store.letters import SqliteLetters
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_letters import a_dead, a_replay, again, noted
from tests.gateway.store.samples import NOW, REQUEST, a_message, entry_of


async def test_of_two_copies_in_the_same_moment_one_is_accepted(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "messages.db")
    await store.open()
    letters = SqliteLetters(store)
    original = await a_dead(store)
    copies = [a_message(), a_message()]
    results = await asyncio.gather(
        *(
            letters.correct(noted(original), copy, [REQUEST], [entry_of(State.ACCEPTED)])
            for copy in copies
        ),
        return_exceptions=True,
    )
    assert [type(result) for result in results][1] is MessageCorrectedError
    assert await store.get(copies[0].id) is not None
    assert await store.get(copies[1].id) is None
    await store.close()


async def test_of_a_copy_and_a_replay_in_the_same_moment_one_goes(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "messages.db")
    await store.open()
    letters = SqliteLetters(store)
    original, copy = await a_dead(store), a_message()
    replay, corrected = await asyncio.gather(
        store.advance(again(original)),
        letters.correct(noted(original), copy, [REQUEST], [entry_of(State.ACCEPTED)]),
        return_exceptions=True,
    )
    assert not isinstance(replay, BaseException)
    assert isinstance(corrected, Exception)
    assert await store.get(copy.id) is None
    await store.close()


async def test_a_message_and_what_is_noted_of_it_are_written_together(tmp_path: Path) -> None:
    """A crash between both would replay the message twice, or never."""
    path = tmp_path / "messages.db"
    store = SqliteStore(path)
    await store.open()
    letters = SqliteLetters(store)
    message = await a_dead(store)
    replay = a_replay(1)
    await letters.begin_replay(replay, [Chosen(message_id=message.id, event_count=3)])
    store.parts().connections[0].execute(
        "CREATE TRIGGER broken BEFORE UPDATE ON replays BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(Exception, match="rule of the message store"):
        await letters.handle_item(replay.id, 0, Handling(step=again(message), at=NOW))
    assert await store.get(message.id) == message
    (item,) = await letters.due_items(replay, limit=1)
    assert item.result is None
    await store.close()


def test_states_of_replays_are_checked_by_the_database(tmp_path: Path) -> None:
    async def made() -> None:
        store = SqliteStore(tmp_path / "messages.db")
        await store.open()
        await SqliteLetters(store).begin_replay(a_replay(0), [])
        await store.close()

    asyncio.run(made())
    connection = apsw.Connection(str(tmp_path / "messages.db"))
    for wrong in ("state = 'done'", "state = 'none'", "handled = 1", "pause = -1"):
        with pytest.raises(apsw.ConstraintError):
            connection.execute(f"UPDATE replays SET {wrong}")  # noqa: S608 - constants above
    connection.close()
