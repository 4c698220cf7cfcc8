"""Room on the disk that is kept for the answers of what was accepted.

Without it the last new message would take the room that the answers of all others need. Looked at
twice a second at most: a look is a system call, and messages are small against a reserve.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from gateway.errors import StoreUnavailableError

LOOK_SECONDS = 0.5


class Room:
    """How much is free on the disk of a database, as it was a moment ago."""

    def __init__(
        self, folder: Path, reserve_bytes: int, now: Callable[[], float] = monotonic
    ) -> None:
        self._folder = folder
        self._reserve = reserve_bytes
        self._now = now
        self._looks_again = 0.0
        self._is_there = True

    def require(self) -> None:
        """Check that there is more than the reserve.

        Raises:
            StoreUnavailableError: There is not; nothing new may be stored.
        """
        now = self._now()
        if now >= self._looks_again:
            self._looks_again = now + LOOK_SECONDS
            self._is_there = self._free() >= self._reserve
        if not self._is_there:
            raise StoreUnavailableError(
                "The disk of the message store is full but for its reserve."
            )

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:
            return self._reserve  # the database itself says better what is wrong
