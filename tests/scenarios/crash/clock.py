"""A clock that jumps when a test says so, in another process.

Both processes map one small file: it holds how many seconds the clock is wrong. The gateway reads
the time from its ``Clock`` only, so nothing of the operating system has to be deceived.
"""

import mmap
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

_OFFSET = struct.Struct("d")


class Offset:
    """The file; made if it is not there, and then right."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)

    @property
    def seconds(self) -> float:
        """How far the clock goes ahead; negative: behind."""
        (seconds,) = _OFFSET.unpack_from(self._shared)
        return float(seconds)

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        _OFFSET.pack_into(self._shared, 0, seconds)


class JumpingClock:
    """A ``Clock`` that is wrong by what the file says at the moment."""

    def __init__(self, path: Path) -> None:
        self._offset = Offset(path)

    def now(self) -> datetime:
        """See ``Clock``."""
        return datetime.fromtimestamp(time.time() + self._offset.seconds, UTC)
