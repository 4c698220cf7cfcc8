"""A restore replaces nothing before it knows what it has, and deletes nothing at all."""

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import BackupError, ConfigurationError
from gateway.store.backup import Places, back_up
from gateway.store.restore import Placed, put_in_place, unpacked
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.samples import a_message, stored

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def one_message(database: Path) -> str:
    """Make a database with one message; returns the message's id."""
    database.parent.mkdir(parents=True, exist_ok=True)
    store = SqliteStore(database)
    await store.open()
    try:
        return (await stored(store, a_message())).id
    finally:
        await store.close()


async def has_message(database: Path, message_id: str) -> bool:
    store = SqliteStore(database)
    await store.open()
    try:
        return await store.get(a_message(id=message_id).id) is not None
    finally:
        await store.close()


@pytest.fixture
async def message_id(tmp_path: Path) -> str:
    """Of the one message in the backup ``b.tar``."""
    found = await one_message(tmp_path / "old" / "m.db")
    schemas = tmp_path / "old" / "schemas"
    schemas.mkdir()
    (schemas / "a.xsd").write_bytes(b"<a/>")
    places = Places(database=tmp_path / "old" / "m.db", folders={"schemas": schemas})
    back_up(places, tmp_path / "b.tar", version="1", now=NOW)
    return found


@pytest.fixture
def places(tmp_path: Path) -> Places:
    new = tmp_path / "new"
    return Places(database=new / "m.db", folders={"schemas": new / "schemas"})


def restored(archive: Path, places: Places, *, replace: bool = False) -> Placed:
    with unpacked(archive, places.database, replace=replace) as found:
        return put_in_place(found, places, now=NOW)


async def test_a_fresh_place_gets_everything(
    message_id: str, places: Places, tmp_path: Path
) -> None:
    placed = restored(tmp_path / "b.tar", places)
    assert placed == Placed(aside=None, kept=())
    assert await has_message(places.database, message_id)
    assert (places.folders["schemas"] / "a.xsd").read_bytes() == b"<a/>"
    left = {path.name for path in places.database.parent.iterdir()}
    assert left == {"m.db", "m.db.lock", "schemas"}
    assert places.database.stat().st_mode & 0o777 == 0o600


async def test_a_database_is_put_aside_with_its_log_and_only_when_told(
    message_id: str, places: Places, tmp_path: Path
) -> None:
    before = await one_message(places.database)
    (places.database.parent / "m.db-wal").write_bytes(b"")
    with pytest.raises(BackupError, match="--replace puts it aside"):
        restored(tmp_path / "b.tar", places)
    assert (places.database.parent / "m.db-wal").exists()
    placed = restored(tmp_path / "b.tar", places, replace=True)
    assert placed.aside is not None
    assert placed.aside.with_name(placed.aside.name + "-wal").exists()
    assert await has_message(placed.aside, before)
    assert await has_message(places.database, message_id)
    assert not await has_message(places.database, before)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
async def test_whatever_is_left_of_a_database_is_not_replaced_unasked(
    message_id: str, places: Places, tmp_path: Path, suffix: str
) -> None:
    left = places.database.with_name(places.database.name + suffix)
    left.parent.mkdir()
    left.write_bytes(b"left")
    with pytest.raises(BackupError, match="--replace puts it aside"):
        restored(tmp_path / "b.tar", places)
    assert left.read_bytes() == b"left"


async def test_the_administrator_does_not_take_the_database_from_the_gateway_s_user(
    message_id: str, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.database.parent.mkdir()
    if os.geteuid() == 0:
        os.chown(places.database.parent, 12345, -1)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(BackupError, match="restore as that user"):
        restored(tmp_path / "b.tar", places)
    assert list(places.database.parent.iterdir()) == []


async def test_what_is_installed_stays(message_id: str, places: Places, tmp_path: Path) -> None:
    schemas = places.folders["schemas"]
    schemas.mkdir(parents=True)
    (schemas / "newer.xsd").write_bytes(b"<b/>")
    assert restored(tmp_path / "b.tar", places).kept == (schemas,)
    assert [path.name for path in schemas.iterdir()] == ["newer.xsd"]


async def test_a_running_gateway_is_left_alone(
    message_id: str, places: Places, tmp_path: Path
) -> None:
    places.database.parent.mkdir()
    store = SqliteStore(places.database)
    await store.open()
    try:
        before = places.database.stat()
        with pytest.raises(ConfigurationError, match="in use by process"):
            restored(tmp_path / "b.tar", places, replace=True)
        assert places.database.stat().st_ino == before.st_ino
    finally:
        await store.close()


async def test_no_gateway_starts_during_a_restore(
    message_id: str, places: Places, tmp_path: Path
) -> None:
    with (
        unpacked(tmp_path / "b.tar", places.database, replace=False),
        pytest.raises(ConfigurationError, match="in use by process"),
    ):
        await SqliteStore(places.database).open()


async def test_a_spoilt_backup_touches_nothing(
    message_id: str, places: Places, tmp_path: Path
) -> None:
    before = await one_message(places.database)
    archive = tmp_path / "b.tar"
    data = bytearray(archive.read_bytes())
    data[data.index(b"SQLite format 3") + 4096 + 100] ^= 0xFF
    archive.write_bytes(data)
    with pytest.raises(BackupError, match="not what was written"):
        restored(archive, places, replace=True)
    assert {p.name for p in places.database.parent.iterdir()} == {"m.db", "m.db.lock"}
    assert await has_message(places.database, before)


async def test_a_lie_about_the_number_of_messages_is_found(
    message_id: str, places: Places, tmp_path: Path
) -> None:
    archive = tmp_path / "b.tar"
    data = archive.read_bytes()
    assert data.count(b'"messages":1') == 1
    archive.write_bytes(data.replace(b'"messages":1', b'"messages":2'))
    with pytest.raises(BackupError, match="not the one its manifest"):
        restored(archive, places)


async def test_a_restore_that_fails_at_its_last_step_puts_everything_back(
    message_id: str, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await one_message(places.database)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "database.sqlite3":
            raise OSError(errno.EIO, "as a dying disk does")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(BackupError, match="Input/output error"):
        restored(tmp_path / "b.tar", places, replace=True)
    assert await has_message(places.database, before)
    assert not list(places.database.parent.glob("*.replaced-*"))


async def test_a_place_that_cannot_be_made_is_named(
    message_id: str, places: Places, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    elsewhere = replace(places, database=tmp_path / "file" / "m.db")
    with pytest.raises(BackupError, match="cannot be made"):
        restored(tmp_path / "b.tar", elsewhere)


async def test_a_database_that_is_still_open_is_not_put_in_place(
    message_id: str, places: Places, tmp_path: Path
) -> None:
    with unpacked(tmp_path / "b.tar", places.database, replace=False) as found:
        store = SqliteStore(found.database)
        await store.open()
        try:
            with pytest.raises(BackupError, match="not closed"):
                put_in_place(found, places, now=NOW)
        finally:
            await store.close()
    assert not places.database.exists()


def test_attachments_go_beside_those_that_are_there(message_id: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old" / "attachments", tmp_path / "new" / "attachments"
    for folder, name in ((old, "one"), (new, "two")):
        (folder / "ab").mkdir(parents=True)
        (folder / "ab" / name).write_bytes(name.encode())
    (old / "ab" / "three.part").write_bytes(b"half")
    places = Places(database=tmp_path / "old" / "m.db", folders={"attachments": old})
    back_up(places, tmp_path / "c.tar", version="1", now=NOW)
    restored(
        tmp_path / "c.tar",
        replace(places, database=tmp_path / "n.db", folders={"attachments": new}),
    )
    found = {path.name: path.read_bytes() for path in new.rglob("*") if path.is_file()}
    assert found == {"one": b"one", "two": b"two"}
    assert (new / "ab" / "one").stat().st_mode & 0o777 == 0o600


def test_attachments_come_into_a_folder_that_is_not_there(message_id: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old" / "attachments", tmp_path / "new" / "attachments"
    (old / "ab").mkdir(parents=True)
    (old / "ab" / "one").write_bytes(b"one")
    places = Places(database=tmp_path / "old" / "m.db", folders={"attachments": old})
    back_up(places, tmp_path / "c.tar", version="1", now=NOW)
    restored(
        tmp_path / "c.tar",
        replace(places, database=tmp_path / "n.db", folders={"attachments": new}),
    )
    assert (new / "ab" / "one").read_bytes() == b"one"
    assert (new / "ab" / "one").stat().st_mode & 0o777 == 0o600
