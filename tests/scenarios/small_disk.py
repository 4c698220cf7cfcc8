"""A disk of a few megabytes that really gets full: a file system in memory, for one test."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

BALLAST = "ballast"
_BLOCK = 4096


class SmallDisk:
    """Where it is mounted, and how it is filled and emptied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, leave: int = 0) -> None:
        """Take all room but ``leave`` bytes."""
        with (self.folder / BALLAST).open("ab", buffering=0) as ballast:
            while (free := self.free()) > leave:
                with contextlib.suppress(OSError):
                    ballast.write(bytes(min(_BLOCK, free - leave)))

    def empty(self) -> None:
        """Give back what ``fill`` took."""
        (self.folder / BALLAST).unlink()

    def free(self) -> int:
        """Bytes that can still be written."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount one while the block runs; skips the test where that is not allowed."""
    folder.mkdir()
    mounting = subprocess.run(  # noqa: S603 - fixed words and a folder of the test
        ["/bin/mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounting.returncode:
        if os.environ.get("REQUIRE_SMALL_DISK"):
            pytest.fail("REQUIRE_SMALL_DISK is set and no file system can be mounted")
        pytest.skip("needs the right to mount a file system (root, or CAP_SYS_ADMIN)")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["/bin/umount", str(folder)], check=True)  # noqa: S603 - the same folder
