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
                for name in sorted(one.name for one in folder.iterdir()):
                    if name.endswith(".sql"):
                        await connection.execute(folder.joinpath(name).read_text("utf-8"))
    finally:
        await connection.close()
