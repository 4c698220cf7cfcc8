"""A disk for one gateway that can be full: a small file system of its own, or a limit for files.

The file system lives in a mount namespace of the gateway's launcher, so that nothing of it is left
when that ends, however it ends. Where this process may not make one (it needs root), the gateway's
files may not grow instead: writes fail all the same, with another error.
"""

import os
import resource
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from tests.scenarios.crash.nursery import Nursery

ROOM = 2**30
SLACK = 2**16
TRIES = 10
_MOUNT = 'mount -t tmpfs -o size="$0" none "$1" && shift && exec "$@"'


class Disk(Protocol):
    """What the database of a gateway is on."""

    def within(self) -> Sequence[str]:
        """The command that the launcher runs in; empty: none."""
        ...

    def fill(self, gateway: Nursery) -> None:
        """Leave no room for what the gateway writes from now on."""
        ...

    def free(self, gateway: Nursery) -> None:
        """Give it room again."""
        ...


def disk_at(folder: Path) -> Disk:
    """A disk for the files in a folder, which is made."""
    folder.mkdir()
    return SmallDisk(folder) if _may_mount() else LimitedFiles(folder)


class SmallDisk:
    """A file system in memory that has as much room as wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def within(self) -> Sequence[str]:
        """See ``Disk``."""
        return ["unshare", "--mount", "sh", "-c", _MOUNT, str(ROOM), str(self._folder)]

    def fill(self, gateway: Nursery) -> None:
        """See ``Disk``."""
        path = f"/proc/{gateway.launcher_pid}/root{self._folder}"
        for _ in range(TRIES):
            # Meanwhile more may be written, and then it cannot become so small.
            found = os.statvfs(path)
            if self._resize(gateway, (found.f_blocks - found.f_bfree) * found.f_frsize + SLACK):
                return
        raise OSError("the disk did not become full")

    def free(self, gateway: Nursery) -> None:
        """See ``Disk``."""
        assert self._resize(gateway, ROOM)

    def _resize(self, gateway: Nursery, size_bytes: int) -> bool:
        """Give it so much room; returns whether that is possible."""
        enter = ["nsenter", "--target", str(gateway.launcher_pid), "--mount"]
        resize = ["mount", "-o", f"remount,size={size_bytes}", str(self._folder)]
        tried = subprocess.run(  # noqa: S603 - our own words
            [*enter, *resize], check=False, stderr=subprocess.DEVNULL
        )
        return tried.returncode == 0


class LimitedFiles:
    """Files that may not grow beyond the length of the longest one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def within(self) -> Sequence[str]:
        """See ``Disk``."""
        return []

    def fill(self, gateway: Nursery) -> None:
        """See ``Disk``."""
        self._limit(gateway, max(file.stat().st_size for file in self._folder.iterdir()))

    def free(self, gateway: Nursery) -> None:
        """See ``Disk``."""
        self._limit(gateway, resource.RLIM_INFINITY)

    def _limit(self, gateway: Nursery, size_bytes: int) -> None:
        if gateway.pid is not None:
            limits = (size_bytes, resource.RLIM_INFINITY)
            resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, limits)


@cache
def _may_mount() -> bool:
    """Whether this process can make file systems that only its children see."""
    try:
        tried = subprocess.run(
            ["unshare", "--mount", "true"],  # noqa: S607 - of util-linux, wherever that is
            check=False,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0
