import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from gateway.messaging.message import MessageId
from gateway.messaging.peers import News
from gateway.store.postgres.bulletin import TOPIC, Bulletin, read, texts
from gateway.store.postgres.database import Database


def ids(count: int) -> list[MessageId]:
    return [MessageId(str(uuid4())) for _ in range(count)]


def test_what_is_told_is_read_again() -> None:
    (one,) = ids(1)
    (text,) = texts(7, {"munich"}, {one})
    assert read(text) == (
        7,
        News(channels=frozenset({"munich"}), messages=frozenset({one})),
    )


def test_each_notification_is_short_enough_and_none_is_missing() -> None:
    messages = ids(1000)
    told = list(texts(2**62 - 1, {"c" * 100 + str(n) for n in range(15)}, messages))
    assert all(len(text.encode()) < 8000 for text in told)
    assert {one for text in told for one in read(text)[1].messages or ()} == set(messages)
    assert [len(read(text)[1].channels or ()) for text in told] == [15, *[0] * (len(told) - 1)]


def test_too_many_channels_are_all_of_them() -> None:
    (text,) = texts(7, {str(n) for n in range(16)}, [])
    assert read(text)[1].channels is None


@pytest.fixture
async def heard(database: Database) -> AsyncIterator[list[tuple[int, News]]]:
    """What a listener hears."""
    told: list[tuple[int, News]] = []
    connection = await database.connect()
    await database.listen(connection, TOPIC, lambda text: told.append(read(text)))
    yield told
    await connection.close()


async def test_what_happens_together_is_told_together(
    database: Database, heard: list[tuple[int, News]]
) -> None:
    messages = ids(20)
    bulletin = Bulletin(database, 7)
    bulletin.has_readers = True
    async with asyncio.TaskGroup() as tasks:
        bulletin.start(tasks)
        for message_id in messages:
            bulletin.moved(message_id)
        bulletin.due("munich")
    await asyncio.sleep(0.1)
    assert heard == [(7, News(channels=frozenset({"munich"}), messages=frozenset(messages)))]


async def test_nothing_is_told_where_nobody_listens(
    database: Database, heard: list[tuple[int, News]]
) -> None:
    bulletin = Bulletin(database, 7)
    async with asyncio.TaskGroup() as tasks:
        bulletin.start(tasks)
        bulletin.moved(ids(1)[0])
        bulletin.due("munich")
    await asyncio.sleep(0.05)
    assert heard == []


async def test_a_server_that_is_gone_is_none_of_its_business(database: Database) -> None:
    bulletin = Bulletin(database, 7)
    bulletin.has_readers = True
    await database.notify(TOPIC, "[1,[],[]]")
    async with database.connection() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    async with asyncio.TaskGroup() as tasks:
        bulletin.start(tasks)
        bulletin.due("munich")
        await asyncio.sleep(0.1)
        bulletin.due("munich")  # by a new connection
