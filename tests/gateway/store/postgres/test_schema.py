import pytest

from gateway.errors import ConfigurationError
from gateway.store.postgres.database import Database
from gateway.store.postgres.schema import PACKAGE, migrate
from gateway.store.schema import Migration, load_migrations


async def test_a_database_that_is_up_to_date_is_left_alone(database: Database) -> None:
    before = await database.read("secret", "fingerprint")
    await migrate(database)
    assert await database.read("secret", "fingerprint") == before


async def run(database: Database, statement: str) -> None:
    async with database.connection() as connection:
        await connection.execute(statement)


async def test_what_is_missing_is_applied(database: Database) -> None:
    await run(database, "DROP SCHEMA public CASCADE")
    await run(database, "CREATE SCHEMA public")
    await run(database, load_migrations(PACKAGE)[0].statements)  # as before there were others
    await migrate(database)
    await run(database, "SELECT number FROM channel_events")
    await migrate(database)  # and only once


async def test_a_database_of_a_newer_gateway_is_left_alone(database: Database) -> None:
    further = Migration(number=99, statements="CREATE TABLE further (id INTEGER)")
    await migrate(database, [*load_migrations(PACKAGE), further])
    with pytest.raises(ConfigurationError, match="schema 99"):
        await migrate(database)
