from gateway.store.postgres.database import Database
from gateway.store.postgres.schema import migrate


async def test_a_database_that_is_up_to_date_is_left_alone(database: Database) -> None:
    before = await database.read("secret", "fingerprint")
    await migrate(database)
    assert await database.read("secret", "fingerprint") == before
