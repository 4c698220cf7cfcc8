"""Bring a database to the newest schema.

The table ``migrations`` holds the number of each migration that was applied.
"""

from collections.abc import Sequence

from gateway.errors import ConfigurationError
from gateway.store.postgres.database import Connection, Database
from gateway.store.schema import Migration, load_migrations

PACKAGE = "gateway.store.postgres"


async def migrate(database: Database, migrations: Sequence[Migration] | None = None) -> None:
    """Apply what is missing, all or nothing, one process at a time.

    Args:
        database: Where.
        migrations: In order; None: those of this release.

    Raises:
        ConfigurationError: The database was written by a newer gateway.
    """
    wanted = load_migrations(PACKAGE) if migrations is None else migrations
    connection = await database.connect()
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(4711)")
            await _apply(connection, wanted)
    finally:
        await connection.close()


async def _apply(connection: Connection, migrations: Sequence[Migration]) -> None:
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY)",
    )
    applied = {row[0] for row in await connection.fetch("SELECT number FROM migrations")}
    if not applied and await connection.fetchval("SELECT to_regclass('messages')") is not None:
        applied.add(1)  # before there was a table of them
    newest = max(migration.number for migration in migrations)
    if max(applied, default=0) > newest:
        raise ConfigurationError(
            f"The message store has schema {max(applied)}; this gateway knows {newest} at most."
            " Start the newer gateway again, or restore the backup made before it."
        )
    for migration in migrations:
        if migration.number not in applied:
            await connection.execute(migration.statements)
        await connection.execute(
            "INSERT INTO migrations (number) VALUES ($1) ON CONFLICT DO NOTHING", migration.number
        )
