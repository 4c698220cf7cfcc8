"""A copy holds what was confirmed, whoever writes; a bad one is not trusted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from gateway.errors import BackupError
from gateway.store.schema import load_migrations
from gateway.store.snapshot import examine, require_known, take_snapshot
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.samples import a_message, stored

NEWEST = load_migrations()[-1].number


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "messages.db")
    await store.open()
    yield store
    await store.close()


def ids_in(database: Path) -> set[str]:
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return {row[0] for row in connection.execute("SELECT id FROM messages")}
    finally:
        connection.close()


async def test_a_copy_made_while_the_store_is_written_holds_all_that_was_confirmed(
    store: SqliteStore, tmp_path: Path
) -> None:
    confirmed: set[str] = set()
    running = True

    async def write() -> None:
        while running:
            message = await stored(store, a_message())
            confirmed.add(message.id)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        for number in range(5):
            await asyncio.sleep(0.05)
            before = set(confirmed)
            assert len(before) > number
            copy = tmp_path / f"copy-{number}.db"
            await asyncio.to_thread(take_snapshot, tmp_path / "messages.db", copy)
            examined = examine(copy)
            assert (examined.schema_version, examined.messages) == (NEWEST, len(ids_in(copy)))
            assert before <= ids_in(copy)
        running = False


async def test_a_copy_is_one_file_for_its_owner_only(store: SqliteStore, tmp_path: Path) -> None:
    await stored(store, a_message())
    copy = tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    take_snapshot(tmp_path / "messages.db", copy)
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]
    assert copy.stat().st_mode & 0o777 == 0o600


async def test_what_a_crash_left_in_the_log_is_copied_and_the_log_left_alone(
    store: SqliteStore, tmp_path: Path
) -> None:
    message = await stored(store, a_message())
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for suffix in ("", "-wal"):
        (crashed / f"m.db{suffix}").write_bytes((tmp_path / f"messages.db{suffix}").read_bytes())
    log = (crashed / "m.db-wal").read_bytes()
    take_snapshot(crashed / "m.db", tmp_path / "copy.db")
    assert ids_in(tmp_path / "copy.db") == {message.id}
    assert (crashed / "m.db-wal").read_bytes() == log


def test_a_missing_database_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no database at"):
        take_snapshot(tmp_path / "none.db", tmp_path / "copy.db")


def test_what_is_no_database_cannot_be_copied_or_examined(tmp_path: Path) -> None:
    (tmp_path / "m.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(BackupError, match="not a database"):
        take_snapshot(tmp_path / "m.db", tmp_path / "copy.db")
    with pytest.raises(BackupError, match="not a database"):
        examine(tmp_path / "m.db")


def test_a_copy_replaces_nothing(tmp_path: Path) -> None:
    apsw.Connection(str(tmp_path / "m.db")).execute("CREATE TABLE t (a)").close()
    (tmp_path / "copy.db").write_bytes(b"something")
    with pytest.raises(BackupError, match="File exists"):
        take_snapshot(tmp_path / "m.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b"something"


async def test_a_damaged_page_is_found(store: SqliteStore, tmp_path: Path) -> None:
    for _ in range(50):
        await stored(store, a_message())
    copy = tmp_path / "copy.db"
    take_snapshot(tmp_path / "messages.db", copy)
    data = bytearray(copy.read_bytes())
    data[4096 * 3 : 4096 * 3 + 512] = b"\xff" * 512
    copy.write_bytes(data)
    with pytest.raises(BackupError, match="damaged"):
        examine(copy)


async def test_a_row_that_breaks_a_rule_is_found(store: SqliteStore, tmp_path: Path) -> None:
    await stored(store, a_message())
    copy = tmp_path / "copy.db"
    take_snapshot(tmp_path / "messages.db", copy)
    connection = apsw.Connection(str(copy))
    connection.pragma("ignore_check_constraints", value=True)
    connection.execute("DROP TRIGGER messages_move; UPDATE messages SET state = 'lost'")
    connection.close()
    with pytest.raises(BackupError, match="its check finds faults"):
        examine(copy)


@pytest.mark.parametrize(("version", "said"), [(NEWEST + 1, "newer one"), (0, "none of a gateway")])
def test_a_schema_must_be_one_that_is_known(version: int, said: str) -> None:
    with pytest.raises(BackupError, match=said):
        require_known(version)
    require_known(NEWEST)


def test_another_application_s_database_is_none_of_a_gateway(tmp_path: Path) -> None:
    apsw.Connection(str(tmp_path / "m.db")).execute("CREATE TABLE t (a)").close()
    with pytest.raises(BackupError, match="none of a gateway"):
        examine(tmp_path / "m.db")
