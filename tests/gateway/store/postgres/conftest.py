from collections.abc import AsyncIterator

import pytest

from gateway.store.postgres.database import Database, Source
from gateway.store.postgres.schema import migrate


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """An open database with the newest schema and nothing in it."""
    database = Database(Source(url=postgres_url))
    await database.open()
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()
