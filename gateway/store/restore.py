"""Put what a backup holds into its place; what was there is put aside, never deleted.

Kept out: the form of the file (``archive``), and what becomes of the messages in it
(``gateway.flow.hold``).
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.errors import BackupError
from gateway.store.archive import ATTACHMENTS, DATABASE, Manifest, sync_folder, unpack
from gateway.store.backup import Places, stamp
from gateway.store.lock import StoreLock
from gateway.store.snapshot import examine, require_known

BESIDE = ("", "-wal", "-shm")
"""What SQLite adds to the name of a database for the files that belong to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """A backup that was unpacked and found sound.

    Attributes:
        folder: Where its files lie, on the file system of the database it will become.
        manifest: What it says of itself.
    """

    folder: Path
    manifest: Manifest

    @property
    def database(self) -> Path:
        """The database in it."""
        return self.folder / DATABASE


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """What was done.

    Attributes:
        aside: Where the database that was there is now; None if there was none.
        kept: Folders that were left as they are, because something was installed there.
    """

    aside: Path | None
    kept: tuple[Path, ...]


@contextlib.contextmanager
def unpacked(archive: Path, database: Path, *, replace: bool) -> Iterator[Unpacked]:
    """Unpack and check a backup beside the database that it shall become.

    No gateway can start on the database meanwhile.

    Args:
        archive: The backup.
        database: Where its database shall be.
        replace: Whether there may be one already.

    Raises:
        BackupError: It is no sound backup, there is a database already, or the gateway could not
            open what this user restores.
        ConfigurationError: A gateway runs on that database.
    """
    _make_folder(database.parent)
    _require_owner(database.parent)
    lock = StoreLock(database.with_name(database.name + ".lock"))
    lock.take()
    try:
        if not replace and _beside(database):
            raise BackupError(
                f"There is a database at {database} already; --replace puts it aside."
            )
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=database.parent) as name:
            folder = Path(name)
            manifest = unpack(archive, folder)
            require_known(manifest.schema_version)
            examined = examine(folder / DATABASE)
            if examined.messages != manifest.messages:
                raise BackupError("The backup's database is not the one its manifest tells of.")
            yield Unpacked(folder=folder, manifest=manifest)
    finally:
        lock.give_back()


def put_in_place(backup: Unpacked, places: Places, *, now: datetime) -> Placed:
    """Let the database of a backup become the gateway's; durable on return.

    Folders of schemas and code lists are filled only where nothing is installed: what is there may
    be newer, and messages need none of it.

    Raises:
        BackupError: It cannot be done; what was there is in its place.
    """
    aside = places.database.with_name(f"{places.database.name}.replaced-{stamp(now)}")
    try:
        kept = tuple(
            folder
            for part, folder in places.folders.items()
            if (backup.folder / part).is_dir() and not _fill(folder, backup.folder / part)
        )
        _make_durable(backup.database)
        was_there = _rename(places.database, aside)
        try:
            backup.database.rename(places.database)
        except OSError:
            _rename(aside, places.database)
            raise
        sync_folder(places.database.parent)
    except OSError as error:
        raise BackupError(
            f"The database cannot be put in place: {os.strerror(error.errno or 0)}."
        ) from None
    return Placed(aside=aside if was_there else None, kept=kept)


def _fill(folder: Path, source: Path) -> bool:
    """Whether the folder was empty and is filled now; attachments go beside those that are there.

    Their names are given once only, so the restored database finds all that it knows.
    """
    if folder.is_dir():
        if source.name == ATTACHMENTS:
            _copy_tree(source, folder, mode=0o600)
            return True
        if any(folder.iterdir()):
            return False
        folder.rmdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Unpacked beside the database, which may be another file system.
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder.parent) as name:
        moved = Path(name) / "filled"
        _copy_tree(source, moved, mode=0o600 if source.name == ATTACHMENTS else 0o644)
        moved.rename(folder)
    return True


def _copy_tree(source: Path, target: Path, *, mode: int) -> None:
    for path in sorted(source.rglob("*")):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod(mode)


def _rename(database: Path, to: Path) -> bool:
    """Rename a database and what belongs to it; whether there was anything.

    The database goes first: until the new one is there, no gateway finds half of the old one. The
    log must not stay, or SQLite would take it for the new database's.
    """
    there = _beside(database)
    for suffix in there:
        _with(database, suffix).rename(_with(to, suffix))
    return bool(there)


def _beside(database: Path) -> list[str]:
    return [suffix for suffix in BESIDE if _with(database, suffix).exists()]


def _with(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _make_durable(database: Path) -> None:
    if len(_beside(database)) > 1:
        raise BackupError("The restored database was not closed; nothing was replaced.")
    with database.open("rb+") as file:
        os.fsync(file.fileno())


def _require_owner(folder: Path) -> None:
    """Files of the administrator would be closed to the user that the gateway runs as."""
    owner = folder.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        raise BackupError(
            f"{folder} belongs to user {owner}: restore as that user, or the gateway cannot open"
            " its database."
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise BackupError(f"The folder {folder} cannot be made: {reason}.") from None
