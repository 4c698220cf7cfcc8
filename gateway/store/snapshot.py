"""Copies of a database: made while a gateway writes it, and examined before they are trusted.

Kept out: the file that copies travel in (``archive``), and what becomes of their messages.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from gateway.errors import BackupError
from gateway.store.queries import load_queries
from gateway.store.schema import load_migrations

_PATIENCE_MILLISECONDS = 5_000
_OWNER_ONLY = 0o600
_ALL_PAGES = -1
_REASONS: dict[type[apsw.Error], str] = {
    apsw.FullError: "a disk is full",
    apsw.IOError: "a disk reports an error",
    apsw.CantOpenError: "it cannot be opened",
    apsw.BusyError: "another process holds it",
    apsw.CorruptError: "it is damaged",
    apsw.NotADBError: "it is not a database",
}
"""Why SQLite gave up; of two databases, so the store's own texts would name the wrong disk."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What a sound database says of itself.

    Attributes:
        schema_version: Number of the last migration it went through.
        messages: How many it holds.
    """

    schema_version: int
    messages: int


def take_snapshot(database: Path, into: Path) -> None:
    """Copy a database as it is at one moment, also while a gateway writes it.

    Everything that was confirmed before the call is in the copy. Nobody waits for it: it is read
    in one go, from one version of the write-ahead log. The database itself is not written, not even
    to tidy up after a gateway that crashed.

    Args:
        database: The database.
        into: File to create, readable for its owner only; durable on return.

    Raises:
        BackupError: There is no database, it cannot be read, or the copy not be written.
    """
    if not database.is_file():
        raise BackupError(f"There is no database at {database}.")
    with _translated(f"The database {database} cannot be copied"):
        os.close(os.open(into, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
        source = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)
        with contextlib.closing(source), contextlib.closing(apsw.Connection(str(into))) as copy:
            source.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            source.set_busy_timeout(_PATIENCE_MILLISECONDS)
            copy.pragma("synchronous", "full")
            # Page by page, each write of the gateway would make it begin anew, without end.
            with copy.backup("main", source, "main") as backup:
                backup.step(_ALL_PAGES)
            # One file without a log beside it, whatever the gateway works with.
            copy.pragma("journal_mode", "delete")


def examine(database: Path) -> Examined:
    """Look whether a copy is sound and one that this gateway can use.

    Raises:
        BackupError: It is damaged, no database of a gateway, or from a newer one.
    """
    newest = load_migrations()[-1].number
    with (
        _translated("The database in the backup cannot be read"),
        # Nothing is written, but through a connection that cannot, SQLite 3.54 leaves the rules of
        # the tables (CHECK) out of its check.
        contextlib.closing(
            apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)
        ) as connection,
    ):
        if connection.pragma("integrity_check") != "ok":
            raise BackupError("The database in the backup is damaged: its check finds faults.")
        version: int = connection.pragma("user_version")
        require_known(version, newest=newest)
        row = connection.execute(load_queries()["count_messages"]).fetchone()
        return Examined(schema_version=version, messages=0 if row is None else row[0])


def require_known(version: int, *, newest: int | None = None) -> None:
    """See that a schema is not newer than this gateway.

    Args:
        version: Number of the last migration.
        newest: The newest one known; None: that of this gateway.

    Raises:
        BackupError: It is newer, or no schema at all.
    """
    known = load_migrations()[-1].number if newest is None else newest
    if version > known:
        raise BackupError(
            f"The backup holds schema {version}; this gateway knows {known} at most."
            " Restore it with the gateway that made it, or a newer one."
        )
    if version < 1:
        raise BackupError("The database in the backup is none of a gateway.")


@contextlib.contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        reason = _REASONS.get(type(error), type(error).__name__)
        raise BackupError(f"{what}: {reason}.") from None
    except OSError as error:
        raise BackupError(f"{what}: {os.strerror(error.errno or 0)}.") from None
