"""Make a backup: one file with everything that a gateway keeps, also while it runs.

Kept out: the form of the file (``archive``), and how the database is copied (``snapshot``).
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.errors import BackupError
from gateway.store.archive import (
    COMPRESSED,
    CONFIG,
    DATABASE,
    FORMAT,
    FORMAT_VERSION,
    PLAIN,
    Manifest,
    describe_files,
    write_archive,
)
from gateway.store.snapshot import examine, take_snapshot

SUFFIX = ".tar.gz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where a gateway keeps what belongs into a backup.

    Attributes:
        database: The message store.
        folders: What was installed (schemas, code lists), and the attachments, by part of the
            archive.
        config: The configuration file; None: it stays out.
    """

    database: Path
    folders: Mapping[str, Path] = field(default_factory=dict)
    config: Path | None = None


def back_up(
    places: Places, target: Path, *, version: str, now: datetime, replace: bool = False
) -> tuple[Path, Manifest]:
    """Make a backup and see that its database is sound.

    What was confirmed to a caller before ``now`` is in it.

    Args:
        places: What to back up.
        target: The file, or a folder that gets one named after ``now``.
        version: Of the gateway.
        now: Aware, UTC.
        replace: Whether a file that is there may be replaced.

    Returns:
        The file and what it holds.

    Raises:
        BackupError: Nothing was made: the database is missing or damaged, the file is there
            already, has no name of a backup, or cannot be written.
    """
    file = target / f"agency-gateway-{stamp(now)}{SUFFIX}" if target.is_dir() else target
    if not file.name.endswith((PLAIN, *COMPRESSED)):
        raise BackupError(
            f"{file} is no folder, and a backup's name ends in .tar, .tar.gz or .tgz."
        )
    if file.exists() and not replace:
        raise BackupError(f"{file} is there already; --replace replaces it.")
    try:
        # On the same file system as the target, and nobody else can look in.
        work = tempfile.TemporaryDirectory(prefix=".agency-gateway-backup-", dir=file.parent)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise BackupError(f"Nothing can be written into {file.parent}: {reason}.") from None
    with work as name:
        folder = Path(name)
        take_snapshot(places.database, folder / DATABASE)
        examined = examine(folder / DATABASE)
        _copy_files(places, folder)
        manifest = Manifest(
            format=FORMAT,
            format_version=FORMAT_VERSION,
            gateway_version=version,
            schema_version=examined.schema_version,
            created_at=now,
            messages=examined.messages,
            files=describe_files(folder),
        )
        write_archive(folder, manifest, file, replace=replace)
    return file, manifest


def stamp(moment: datetime) -> str:
    """A time as part of a file's name, to the microsecond: two never have the same."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def _copy_files(places: Places, into: Path) -> None:
    try:
        if places.config is not None:
            shutil.copyfile(places.config, into / CONFIG)
        for part, folder in places.folders.items():
            if folder.is_dir():
                # What begins with a dot is an installation under way, a part an upload.
                ignored = shutil.ignore_patterns(".*", "*.part")
                shutil.copytree(folder, into / part, ignore=ignored, copy_function=_copy)
    except (OSError, shutil.Error):
        raise BackupError(
            "The configuration, the schemas, the code lists or the attachments cannot be copied."
        ) from None


def _copy(source: str, target: str) -> None:
    # An attachment that went since the database was copied went with its last message.
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(source, target)
