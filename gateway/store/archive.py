"""The file that a backup is: a tar archive with a manifest in front.

A plain tar, compressed or not, so that nothing but ``tar`` is needed to look into it. The manifest
names every file with its size and SHA-256. Kept out: what goes in (``backup``) and what becomes of
it (``restore``).
"""

import contextlib
import gzip
import hashlib
import io
import lzma
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Annotated, Any

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from gateway.errors import BackupError

FORMAT = "agency-gateway-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
DATABASE = "database.sqlite3"
CONFIG = "config.toml"
SCHEMAS = "schemas"
CODE_LISTS = "codelists"
ATTACHMENTS = "attachments"
PARTS = frozenset({DATABASE, CONFIG, SCHEMAS, CODE_LISTS, ATTACHMENTS})
"""First part of every name in an archive. Attachments and keys will be parts of their own; a part
that is not listed here is from a newer gateway and refused, never left out."""

PLAIN = ".tar"
COMPRESSED = (".tar.gz", ".tgz")
LARGEST_MANIFEST_BYTES = 2**24

_LEVEL = 6  # gzip's own default; tarfile's 9 takes three times as long for a hundredth less
_CHUNK = 2**20
_OWNER_ONLY = 0o600
_UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError)


class _Part(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, hide_input_in_errors=True
    )


class ManifestFile(_Part):
    """One file of the archive; ``path`` is relative, with ``/``."""

    path: str
    size_bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(_Part):
    """What an archive holds, and where it comes from.

    Attributes:
        format: ``FORMAT``.
        format_version: Of the archive's form.
        gateway_version: What made it.
        schema_version: Of the database.
        created_at: Everything confirmed before is in it.
        messages: How many it holds.
        files: Every file beside the manifest.
    """

    format: str
    format_version: int
    gateway_version: str
    schema_version: int
    created_at: AwareDatetime
    messages: int
    files: tuple[ManifestFile, ...]


def describe_files(folder: Path) -> tuple[ManifestFile, ...]:
    """Every regular file below a folder as the manifest names it, in the order of names."""
    return tuple(
        ManifestFile(
            path=path.relative_to(folder).as_posix(),
            size_bytes=path.stat().st_size,
            sha256=_digest(path),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )


def write_archive(folder: Path, manifest: Manifest, target: Path, *, replace: bool) -> None:
    """Put the manifest's files from a folder into an archive, whole or not at all.

    Args:
        folder: Where the files are; on the file system of ``target``.
        manifest: Names them.
        target: The archive, readable for its owner only; durable on return. Compressed if its name
            ends in one of ``COMPRESSED``.
        replace: Whether an archive that is there may be replaced.

    Raises:
        BackupError: It is there already, or cannot be written.
    """
    unfinished = folder / "unfinished.tar"
    try:
        with _create(unfinished) as file:
            with _writing(file, compressed=target.name.endswith(COMPRESSED)) as tar:
                at = manifest.created_at
                text = orjson.dumps(manifest.model_dump(mode="json", by_alias=True))
                tar.addfile(_member(MANIFEST, len(text), at), io.BytesIO(text))
                for described in manifest.files:
                    with (folder / described.path).open("rb") as source:
                        tar.addfile(_member(described.path, described.size_bytes, at), source)
            file.flush()
            os.fsync(file.fileno())
        # A link refuses to replace, in the same step.
        unfinished.replace(target) if replace else target.hardlink_to(unfinished)
        sync_folder(target.parent)
    except FileExistsError:
        raise BackupError(f"{target} is there already; --replace replaces it.") from None
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {os.strerror(error.errno or 0)}.") from None


def unpack(archive: Path, into: Path) -> Manifest:
    """Unpack an archive into an empty folder and check every file of it.

    Nothing is left to ``tarfile``'s own extraction: bytes of regular files go to names that the
    checked manifest lists, so links, devices, owners and paths that lead elsewhere have no way in.

    Raises:
        BackupError: It cannot be read, is none of ours, is from a newer gateway, or does not hold
            exactly what its manifest says.
    """
    try:
        with tarfile.open(archive, mode="r:*") as tar:
            manifest = _read_manifest(tar)
            _require_room(manifest, into)
            missing = {described.path: described for described in manifest.files}
            while (member := tar.next()) is not None:
                described = missing.pop(member.name, None)
                if described is None or not member.isreg():
                    raise BackupError("The backup holds a file that its manifest does not name.")
                _unpack_one(tar, member, described, into)
    except _UNREADABLE:
        raise BackupError(f"{archive} is damaged, or no backup.") from None
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise BackupError(f"{archive} cannot be unpacked: {reason}.") from None
    if missing:
        raise BackupError(f"The backup is cut off: {len(missing)} of its files are missing.")
    return manifest


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _writing(file: IO[bytes], *, compressed: bool) -> Iterator[tarfile.TarFile]:
    if compressed:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=_LEVEL) as tar:
            yield tar
    else:
        with tarfile.open(fileobj=file, mode="w") as tar:
            yield tar


def _member(name: str, size_bytes: int, at: datetime) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size_bytes
    member.mode = _OWNER_ONLY
    member.mtime = int(at.timestamp())
    return member


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    if member is None or member.name != MANIFEST or not member.isreg():
        raise BackupError("This is no backup of a gateway: it does not begin with a manifest.")
    if member.size > LARGEST_MANIFEST_BYTES:
        raise BackupError("This is no backup of a gateway: its manifest is too long.")
    manifest = _parse(_stream(tar, member).read())
    for described in manifest.files:
        _require_place(described.path)
    if DATABASE not in {described.path for described in manifest.files}:
        raise BackupError("The backup holds no database.")
    return manifest


def _parse(text: bytes) -> Manifest:
    try:
        document = orjson.loads(text)
    except ValueError:
        raise BackupError("The manifest of the backup is damaged.") from None
    found: Mapping[str, Any] = document if isinstance(document, dict) else {}
    if found.get("format") != FORMAT:
        raise BackupError("This is no backup of a gateway: its manifest is of something else.")
    version = found.get("formatVersion")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise BackupError(
            f"The backup has format {version}; this gateway knows {FORMAT_VERSION} at most."
            " Restore it with the gateway that made it, or a newer one."
        )
    try:
        return Manifest.model_validate(found)
    except ValidationError:
        raise BackupError("The manifest of the backup is damaged.") from None


def _require_place(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.as_posix() != name or "\0" in name:
        raise BackupError("The manifest of the backup names a path that leads elsewhere.")
    if path.parts[0] not in PARTS:
        raise BackupError(
            "The backup holds a part that this gateway does not know."
            " Restore it with the gateway that made it, or a newer one."
        )


def _require_room(manifest: Manifest, into: Path) -> None:
    wanted = sum(described.size_bytes for described in manifest.files)
    free = shutil.disk_usage(into).free
    if wanted > free:
        raise BackupError(
            f"Unpacked, the backup takes {wanted} bytes; {free} are free beside the database."
        )


def _unpack_one(
    tar: tarfile.TarFile, member: tarfile.TarInfo, described: ManifestFile, into: Path
) -> None:
    target = into / described.path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    source = _stream(tar, member)
    with _create(target) as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    if (member.size, digest.hexdigest()) != (described.size_bytes, described.sha256):
        raise BackupError(f"The backup is damaged: {described.path} is not what was written.")


def _create(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb")


def _stream(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(member)
    if stream is None:
        raise tarfile.ReadError
    return stream


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
