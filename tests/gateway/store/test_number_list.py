"""Lists of numbers are bounded, and found by their indexes."""

from pathlib import Path

import apsw

from gateway.store import number_list
from gateway.store.queries import load_queries
from gateway.store.schema import load_migrations, migrate
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_sequences import ranges, seen


async def test_a_list_ends_somewhere(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "messages.db")
    await store.open()
    for number in range(1, 2 * number_list.MOST + 4, 2):
        await seen(store, number)
    assert len(await ranges(store)) == number_list.MOST
    (missing,) = await store.sequences.missing()
    assert missing.count == number_list.MOST + 1
    await store.close()


def test_numbers_of_a_channel_are_found_by_it() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, load_migrations())
    statement = load_queries()["unsent_numbers"]
    steps = [
        row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", ("", "", "", 1))
    ]
    assert any("SEARCH sequence_numbers USING PRIMARY KEY (channel=?)" in step for step in steps)
    connection.close()
