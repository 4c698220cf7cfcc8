"""Attachments in a folder keep every promise of the port, and some of their own."""

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.messaging.attachment_ports import AttachmentStore
from gateway.store.attachment_files import PART, AttachmentFiles
from tests.gateway.store.attachment_samples import in_pieces, new_location
from tests.gateway.store.conformance_attachment_bytes import (
    OWNER,
    AttachmentBytesConformance,
    listed,
)


def modes(folder: Path) -> tuple[set[int], set[int]]:
    """Of folders and files."""
    found = {path: path.stat().st_mode & 0o777 for path in folder.rglob("*")}
    return (
        {mode for path, mode in found.items() if path.is_dir()},
        {mode for path, mode in found.items() if path.is_file()},
    )


def make_half(folder: Path) -> None:
    """Give the one file the name of one that is being written."""
    (whole,) = folder.glob("attachments/??/*")
    whole.rename(whole.with_name(whole.name + PART))


class TestAttachmentFiles(AttachmentBytesConformance):
    @override
    @pytest.fixture
    def make_bytes(self, tmp_path: Path) -> Callable[[], AttachmentStore]:
        return lambda: AttachmentFiles(tmp_path / "attachments")

    async def test_only_the_owner_may_read_them(
        self, store: AttachmentStore, tmp_path: Path
    ) -> None:
        await store.put(new_location(), in_pieces(b"x"))
        assert modes(tmp_path) == ({0o700}, {0o600})

    async def test_a_file_that_is_half_written_is_listed_and_removed(
        self, store: AttachmentStore, tmp_path: Path
    ) -> None:
        location = new_location()
        await store.put(location, in_pieces(b"x"))
        make_half(tmp_path)
        assert await listed(store) == {location}
        assert await store.size_bytes(location) is None
        await store.remove(location)
        assert await listed(store) == set()

    async def test_what_is_not_ours_is_left_alone(
        self, store: AttachmentStore, tmp_path: Path
    ) -> None:
        foreign = tmp_path / "attachments" / "ab" / "abacus.txt"
        foreign.parent.mkdir()
        foreign.write_text("x")
        assert await listed(store) == set()

    async def test_a_full_disk_refuses_and_leaves_nothing(self, store: AttachmentStore) -> None:
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, unlimited[1]))
        try:
            with pytest.raises(StoreUnavailableError, match=os.strerror(errno.EFBIG)):
                await store.put(new_location(), in_pieces(*[b"x" * 100_000] * 9))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        assert await listed(store) == set()

    async def test_a_folder_that_cannot_be_made_stops_the_start(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(ConfigurationError, match=r"attachments\.path"):
            await AttachmentFiles(tmp_path / "file" / "below").open(OWNER)

    async def test_a_folder_that_goes_is_told(self, store: AttachmentStore, tmp_path: Path) -> None:
        location = new_location()
        await store.put(location, in_pieces(b"x"))
        (tmp_path / "attachments").rename(tmp_path / "elsewhere")
        with pytest.raises(StoreUnavailableError):
            await store.put(location, in_pieces(b"x"))
