"""The bytes of attachments as files of one folder.

A file gets its name when all of it is on the disk. Kept out: which files are needed
(``AttachmentIndex``).
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.messaging.attachment import Location
from gateway.messaging.placeholder import is_attachment_id

T = TypeVar("T")

OWNER = "owner"
"""Name of the file that says whose attachments these are."""

PART = ".part"
"""End of the name of a file that is being written."""

_BATCH = 1_000
_OWNER_ONLY = 0o600
_OWNER_ONLY_FOLDER = 0o700


class AttachmentFiles:
    """An ``AttachmentStore`` in a folder; several processes may share it.

    The folder has a subfolder for each first two characters of a location.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def open(self, owner: str) -> None:
        """See ``AttachmentStore``."""
        try:
            self._folder.mkdir(_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
            known = _claim(self._folder / OWNER, owner)
        except OSError as error:
            raise ConfigurationError(
                f"Attachments cannot be kept in {self._folder}: {os.strerror(error.errno or 0)}."
                " Correct `attachments.path`."
            ) from None
        if known != owner:
            raise ConfigurationError(
                f"The folder {self._folder} keeps the attachments of another message store."
                " Give this one an `attachments.path` of its own."
            )

    async def close(self) -> None:
        """See ``AttachmentStore``; there is nothing to give back."""

    async def put(self, location: Location, pieces: AsyncIterator[bytes]) -> None:
        """See ``AttachmentStore``."""
        path = self._path(location)
        part = path.with_name(path.name + PART)
        try:
            with _create(part) as file:
                async for piece in pieces:
                    await _in_thread(_write, file, piece)
                await _in_thread(_make_durable, file, path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise _unavailable(error) from None
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    async def read(self, location: Location, *, piece_bytes: int) -> AsyncGenerator[bytes, None]:
        """See ``AttachmentStore``."""
        try:
            file = self._path(location).open("rb")
        except OSError as error:
            raise _unavailable(error) from None
        with file:
            while piece := await _read(file, piece_bytes):
                yield piece

    async def size_bytes(self, location: Location) -> int | None:
        """See ``AttachmentStore``."""
        try:
            return self._path(location).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unavailable(error) from None

    async def remove(self, location: Location) -> None:
        """See ``AttachmentStore``."""
        path = self._path(location)
        try:
            await _in_thread(_remove, path)
        except OSError as error:
            raise _unavailable(error) from None

    async def locations(self) -> AsyncGenerator[Sequence[Location], None]:
        """See ``AttachmentStore``."""
        found = (
            Location(name)
            for path in self._folder.glob("??/*")
            if is_attachment_id(name := path.name.removesuffix(PART))
        )
        try:
            while batch := await _in_thread(lambda: list(islice(found, _BATCH))):
                yield batch
        except OSError as error:
            raise _unavailable(error) from None

    def _path(self, location: Location) -> Path:
        return self._folder / location[:2] / location


def _claim(path: Path, owner: str) -> str:
    """Whose the folder is; ours, if it was nobody's."""
    fresh = path.with_name(f"{path.name}.{owner}")
    with _create(fresh) as file:
        _write(file, owner.encode("ascii"))
        os.fsync(file.fileno())
    try:
        path.hardlink_to(fresh)  # whole, or not at all, and only if there is none
        _sync_folder(path.parent)
    except FileExistsError:
        return path.read_text("ascii", "replace")
    finally:
        fresh.unlink()
    return owner


def _create(part: Path) -> FileIO:
    part.parent.mkdir(_OWNER_ONLY_FOLDER, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    return FileIO(os.open(part, flags, _OWNER_ONLY), "wb")


def _write(file: FileIO, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]


def _make_durable(file: FileIO, path: Path) -> None:
    os.fsync(file.fileno())
    path.with_name(path.name + PART).rename(path)
    for folder in path.parents[:2]:
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _read(file: BinaryIO, size: int) -> bytes:
    try:
        return await _in_thread(file.read, size)
    except OSError as error:
        raise _unavailable(error) from None


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + PART).unlink(missing_ok=True)


async def _in_thread(work: Callable[..., T], *arguments: object) -> T:
    """Run blocking work in a thread, to its end even if the caller is cancelled.

    A file must not be closed, and its number not be given away, while a thread still writes it.
    """
    running = asyncio.get_running_loop().run_in_executor(None, work, *arguments)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


def _unavailable(error: OSError) -> StoreUnavailableError:
    reason = os.strerror(error.errno or 0)
    return StoreUnavailableError(f"Attachments cannot be kept or read: {reason}.")
