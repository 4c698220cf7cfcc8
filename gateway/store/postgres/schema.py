"""Bring a database to the newest schema."""

from importlib.resources import files

from gateway.store.postgres.database import Database


async def migrate(database: Database) -> None:
    """Apply what is missing, all or nothing, one process at a time."""
    connection = await database.connect()
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(4711)")
            if await connection.fetchval("SELECT to_regclass('messages')") is None:
                folder = files("gateway.store.postgres").joinpath("migrations")
                await connection.execute(folder.joinpath("0001_pre_messages.sql").read_text())
    finally:
        await connection.close()
