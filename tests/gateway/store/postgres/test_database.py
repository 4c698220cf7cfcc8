import asyncio

import pytest

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.store.postgres.database import Database, RefusedError, Source, UnsureError
from tests.postgres_server import execute

REFUSAL = ([1], [None], [None], ["a/b"], [1], [None], ["x"], ["[]"], [0])
"""The columns of one refused call."""

END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_nothing_about_a_password_is_shown() -> None:
    assert "hunter2" not in repr(Source(url="postgresql://me:hunter2@host/db"))


async def test_what_is_confirmed_is_on_the_disk(database: Database) -> None:
    async with database.connection() as connection:
        assert await connection.fetchval("SHOW synchronous_commit") == "on"


async def test_who_is_paused_within_a_transaction_keeps_its_rows_from_nobody(
    database: Database,
) -> None:
    async with database.connection() as connection:
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "5s"
        await connection.execute("SET idle_in_transaction_session_timeout = '50ms'")

    async def pause() -> None:
        async with database.transaction() as paused:
            await database.write("add_refusals", *REFUSAL, on=paused)
            await asyncio.sleep(0.3)

    with pytest.raises(StoreUnavailableError):
        await pause()
    assert await database.read("find_refusals", 9, 9, 0, 9, None, None, None, None, 9) == []


async def test_a_connection_is_given_back_without_a_word(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("SET application_name = 'kept'")
    async with database.connection() as connection:
        assert await connection.fetchval("SHOW application_name") == "kept"


async def test_a_lost_connection_is_replaced(database: Database, postgres_url: str) -> None:
    await database.read("queues")
    await execute(postgres_url, END_ALL)
    await asyncio.sleep(0.05)
    assert await database.read("queues") == []


async def test_a_change_whose_connection_breaks_is_not_known(
    database: Database, postgres_url: str
) -> None:
    # The lock lets the statement wait; then its session ends.
    async with database.transaction() as holding, asyncio.TaskGroup() as tasks:
        await holding.execute("LOCK refused_calls")
        writing = tasks.create_task(_outcome(database, "add_refusals", *REFUSAL))
        await asyncio.sleep(0.2)
        await holding.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        assert isinstance(await writing, UnsureError)


async def _outcome(database: Database, query: str, *arguments: object) -> object:
    try:
        return await database.write(query, *arguments)
    except StoreUnavailableError as error:
        return error


async def test_a_refusal_names_its_cause(database: Database) -> None:
    with pytest.raises(RefusedError):
        await database.write("add_refusals", *REFUSAL[:-1], [-1])


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            await database.write("add_refusals", *REFUSAL, on=connection)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await database.read("find_refusals", 9, 9, 0, 9, None, None, None, None, 9) == []


async def test_a_text_with_a_nul_finds_nothing(database: Database) -> None:
    assert await database.read("messages", ["\0"]) == []
    assert await database.read("messages", ["\ud800"]) == []


async def test_a_database_that_is_not_open_is_unavailable(postgres_url: str) -> None:
    database = Database(Source(url=postgres_url))
    await database.close()
    with pytest.raises(StoreUnavailableError, match="not open"):
        await database.read("queues")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("postgresql://x@127.0.0.1:9/x", "cannot be reached"),
        ("postgresql://x@/x?host=/nowhere", "cannot be reached"),
    ],
)
async def test_a_server_that_is_not_there_is_unavailable(url: str, text: str) -> None:
    with pytest.raises(StoreUnavailableError, match=text):
        await Database(Source(url=url)).open()


async def test_a_database_that_is_not_there_is_unavailable(postgres_url: str) -> None:
    url = postgres_url.replace("/test_", "/none_")
    with pytest.raises(StoreUnavailableError, match="no such database"):
        await Database(Source(url=url)).open()


@pytest.mark.parametrize("url", ["postgresql://x@host:port/x", "postgresql://h/x?sslmode=perhaps"])
async def test_a_url_that_cannot_be_read_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"store\.url") as refused:
        await Database(Source(url=url)).open()
    assert "perhaps" not in str(refused.value)


async def test_the_password_is_asked_for_when_a_connection_is_made(postgres_url: str) -> None:
    asked: list[str] = []

    def password() -> str:
        asked.append("now")
        return "any"

    database = Database(Source(url=postgres_url, password=password))
    await database.open()
    assert asked == ["now"]
    connection = await database.connect()
    assert asked == ["now", "now"]
    await connection.close()
    await database.close()
