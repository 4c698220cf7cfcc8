"""The schema on PostgreSQL: Alembic applies it, and the database itself keeps its rules."""

import asyncio
import dataclasses

import asyncpg
import pytest

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.messaging.lifecycle import STARTS, TRANSITIONS, State, is_settled
from gateway.messaging.message import AttemptResult, StageKind
from gateway.messaging.operation import OperationKind
from gateway.store.postgres.database import Database, Source
from gateway.store.postgres.schema import PACKAGE, migrate
from gateway.store.rows import micros, new_message_row
from gateway.store.schema import Migration, load_migrations
from tests.gateway.store.samples import NOW, a_message

FURTHER = Migration(number=9998, statements="CREATE TABLE further (id INTEGER); SELECT 1;")

INSERT = """
INSERT INTO messages (
    id, tenant, caller, operation, operation_version, kind, repeatable, authority, channel, state,
    outcome, test, accepted_at, settled_at, deadline_at, next_attempt_at, attempts, code, purpose,
    case_reference, traceparent, event_count, head_hash
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
    $22, $23
) RETURNING number
"""


INSERT_STAGE = "INSERT INTO stages (message_number, kind, media_type, body) VALUES"


async def run(database: Database, statement: str, *arguments: object) -> object:
    async with database.connection() as connection:
        return await connection.fetchval(statement, *arguments)


async def insert(database: Database, state: State, *, anywhere: bool = False) -> object:
    """Store a message by the statement alone; ``anywhere``: past the trigger for the start."""
    settled_at = NOW if is_settled(state) else None
    message = dataclasses.replace(a_message(), state=state, settled_at=settled_at)
    row = new_message_row(message, event_count=0, head_hash=bytes(32))
    async with database.connection() as connection, connection.transaction():
        if anywhere:
            await connection.execute("SET LOCAL session_replication_role = replica")
        return await connection.fetchval(INSERT, *row)


async def version(database: Database) -> object:
    return await run(database, "SELECT version_num FROM alembic_version")


async def test_a_database_that_is_up_to_date_is_left_alone(database: Database) -> None:
    before = await database.read("secret", "fingerprint")
    await migrate(database)
    assert await database.read("secret", "fingerprint") == before
    assert await version(database) == f"{load_migrations(PACKAGE)[-1].number:04}"


async def test_only_missing_migrations_are_applied(database: Database) -> None:
    await insert(database, State.ACCEPTED)
    await migrate(database, [*load_migrations(PACKAGE), FURTHER])
    assert await version(database) == "9998"
    assert await run(database, "SELECT count(*) FROM further") == 0
    assert await run(database, "SELECT count(*) FROM messages") == 1


async def test_a_migration_that_fails_changes_nothing(database: Database) -> None:
    before = await version(database)
    broken = Migration(number=9999, statements="SELEKT 'streng geheim'")
    with pytest.raises(StoreUnavailableError) as failed:
        await migrate(database, [*load_migrations(PACKAGE), FURTHER, broken])
    assert "geheim" not in str(failed.value)
    assert await version(database) == before
    assert await run(database, "SELECT to_regclass('further')") is None


async def test_a_database_of_a_newer_gateway_is_left_alone(database: Database) -> None:
    await migrate(database, [*load_migrations(PACKAGE), FURTHER])
    with pytest.raises(ConfigurationError, match="schema 9998"):
        await migrate(database)


async def test_of_several_processes_at_once_one_migrates(postgres_url: str) -> None:
    databases = [Database(Source(url=postgres_url)) for _ in range(4)]
    for database in databases:
        await database.open()
    await asyncio.gather(*(migrate(one) for one in databases))
    assert await run(databases[0], "SELECT count(*) FROM secrets") == 1
    for database in databases:
        await database.close()


async def test_a_database_of_the_first_schema_keeps_its_data(postgres_url: str) -> None:
    database = Database(Source(url=postgres_url))
    await database.open()
    try:
        await migrate(database, load_migrations(PACKAGE)[:1])
        secret = await run(database, "SELECT value FROM secrets")
        numbers = [await insert(database, state, anywhere=True) for state in State]
        for number in numbers:
            await run(database, f"{INSERT_STAGE} ($1, 'wire_request', 'x', 'body')", number)
        messages = "SELECT array_agg(state ORDER BY number) FROM messages"
        before = await run(database, messages)

        await migrate(database)

        assert await run(database, messages) == before
        assert await run(database, "SELECT count(*) FROM stages WHERE body = 'body'") == len(State)
        assert await run(database, "SELECT value FROM secrets") == secret
        # What was under way belongs to no process that is there.
        assert [row[10] for row in await database.read("interrupted")] == ["delivering"]
    finally:
        await database.close()


def test_migrations_are_in_order_and_each_number_is_there_once() -> None:
    numbers = [migration.number for migration in load_migrations(PACKAGE)]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("start", list(State))
async def test_the_database_itself_allows_the_moves_of_the_life_cycle_and_no_other(
    database: Database, start: State
) -> None:
    for end in State:
        number = await insert(database, start, anywhere=True)
        move = "UPDATE messages SET state = $1, settled_at = $2 WHERE number = $3 RETURNING state"
        values = (end, micros(NOW) if is_settled(end) else None, number)
        if end is start or end in TRANSITIONS[start]:
            assert await run(database, move, *values) == end
        else:
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await run(database, move, *values)


@pytest.mark.parametrize("state", list(State))
async def test_the_database_itself_knows_starts_and_settled_states(
    database: Database, state: State
) -> None:
    if state not in STARTS:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await insert(database, state)
    number = await insert(database, state, anywhere=True)
    other = None if is_settled(state) else 1
    with pytest.raises(asyncpg.CheckViolationError):
        await run(database, "UPDATE messages SET settled_at = $1 WHERE number = $2", other, number)


async def test_words_of_the_code_are_words_of_the_tables(database: Database) -> None:
    number = await insert(database, State.ACCEPTED)
    for kind in StageKind:
        stage = (
            "INSERT INTO stages (message_number, kind, media_type, body) VALUES ($1, $2, '', '')"
        )
        await run(database, stage, number, kind)
    for attempt, result in enumerate(AttemptResult, start=1):
        ended = "INSERT INTO attempts VALUES ($1, $2, 1, 2, $3, NULL)"
        await run(database, ended, number, attempt, result)
    for operation_kind in OperationKind:
        await run(database, "UPDATE messages SET kind = $1", operation_kind)


@pytest.mark.parametrize(
    "statement",
    [
        f"{INSERT_STAGE} (1, 'x', '', '')",
        "INSERT INTO attempts VALUES (1, 1, 1, 2, 'x', NULL)",
        "INSERT INTO attempts VALUES (1, 1, 1, NULL, 'answered', NULL)",
        "INSERT INTO attempts VALUES (1, 1, 1, 2, NULL, NULL)",
        "INSERT INTO events VALUES (1, 1, 1, 'x', 'accepted', NULL, NULL, NULL, 'x')",
        "UPDATE messages SET kind = 'x'",
        "UPDATE messages SET outcome = 'x'",
        "UPDATE messages SET state = 'x'",
    ],
)
async def test_other_words_are_refused(database: Database, statement: str) -> None:
    await insert(database, State.ACCEPTED)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await run(database, statement)
