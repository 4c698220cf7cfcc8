"""A backup is whole or not there."""

import asyncio
import re
import sys
import tarfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import BackupError
from gateway.store.backup import Places, back_up, stamp
from gateway.store.snapshot import take_snapshot
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.samples import a_message, stored

NOW = datetime(2026, 3, 1, 12, 30, 15, 42, tzinfo=UTC)


@pytest.fixture
async def places(tmp_path: Path) -> AsyncIterator[Places]:
    """Of a gateway that runs, with one message and one schema."""
    schemas = tmp_path / "data" / "schemas"
    (schemas / "xmeld").mkdir(parents=True)
    (schemas / "xmeld" / "a.xsd").write_bytes(b"<a/>")
    (schemas / ".install-1").mkdir()
    (schemas / ".install-1" / "half.xsd").write_bytes(b"<")
    config = tmp_path / "gateway.toml"
    config.write_bytes(b"[server]\n")
    store = SqliteStore(tmp_path / "data" / "messages.db")
    await store.open()
    await stored(store, a_message())
    yield Places(
        database=tmp_path / "data" / "messages.db",
        folders={"schemas": schemas, "codelists": tmp_path / "none"},
        config=config,
    )
    await store.close()


async def test_a_folder_gets_a_file_named_after_the_time(places: Places, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    file, manifest = back_up(places, target, version="1.2", now=NOW)
    assert file.name == "agency-gateway-20260301T123015.000042Z.tar.gz"
    assert [path.name for path in target.iterdir()] == [file.name]
    assert (manifest.messages, manifest.gateway_version, manifest.created_at) == (1, "1.2", NOW)
    with tarfile.open(file) as tar:
        assert tar.getnames() == [
            "manifest.json",
            "config.toml",
            "database.sqlite3",
            "schemas/xmeld/a.xsd",
        ]


async def test_a_file_that_is_there_is_kept_unless_told_otherwise(
    places: Places, tmp_path: Path
) -> None:
    target = tmp_path / "b.tar"
    target.write_bytes(b"before")
    with pytest.raises(BackupError, match="there already"):
        back_up(places, target, version="1", now=NOW)
    assert target.read_bytes() == b"before"
    back_up(places, target, version="1", now=NOW, replace=True)
    assert tarfile.is_tarfile(target)


async def test_nothing_is_left_behind_by_a_backup_that_failed(
    places: Places, tmp_path: Path
) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    lost = Places(database=places.database, config=tmp_path / "none.toml")
    with pytest.raises(BackupError, match="cannot be copied"):
        back_up(lost, target, version="1", now=NOW)
    assert list(target.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_named(places: Places, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="none: No such file"):
        back_up(places, tmp_path / "none" / "b.tar", version="1", now=NOW)


async def test_a_folder_that_is_not_there_is_not_taken_for_a_file(
    places: Places, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="is no folder"):
        back_up(places, tmp_path / "backups", version="1", now=NOW)
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize("part", [0.01, 0.5, 1.01])
async def test_a_disk_that_is_full_is_named_and_nothing_is_left(
    places: Places, tmp_path: Path, part: float
) -> None:
    """Room for less than a page, for half the database, and not for the archive after it."""
    take_snapshot(places.database, tmp_path / "copy.db")
    most_bytes = int((tmp_path / "copy.db").stat().st_size * part)
    target = tmp_path / "backups"
    target.mkdir()
    arguments = [str(places.database), str(target), str(most_bytes)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _BACK_UP_ON_A_SMALL_DISK, *arguments, stdout=PIPE
    )
    said, _ = await process.communicate()
    assert re.search(rb"disk is full|disk reports an error|File too large", said), said
    assert list(target.iterdir()) == []


_BACK_UP_ON_A_SMALL_DISK = """
import resource, sys
from datetime import datetime, UTC
from pathlib import Path
from gateway.errors import BackupError
from gateway.store.backup import Places, back_up

database, target, most = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
places = Places(database=Path(database))
try:
    back_up(places, Path(target) / "b.tar", version="1", now=datetime.now(UTC))
except BackupError as error:
    print(error.detail)
"""


def test_names_of_two_moments_differ() -> None:
    assert stamp(NOW) != stamp(NOW.replace(microsecond=43))
