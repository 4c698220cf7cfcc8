"""The lock that keeps a second gateway away from the database.

SQLite itself would let two processes write in turn; waiters, leases and checkpoints of this store
are right for one process only.
"""

import fcntl
import os
from pathlib import Path

from gateway.errors import ConfigurationError

_OWNER_ONLY = 0o600


class StoreLock:
    """A lock file beside the database; it stays there, unlocked, when the gateway has stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> None:
        """Hold the lock until ``give_back`` or the end of the process.

        Raises:
            ConfigurationError: Another process holds it, or the file cannot be made.
        """
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
        except OSError as error:
            raise ConfigurationError(
                f"The lock file {self._path} cannot be made: {os.strerror(error.errno or 0)}."
                " Create its folder, or correct `store.path`."
            ) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise ConfigurationError(
                f"The message store beside {self._path} is in use by process {holder}."
                " Stop that gateway first, or give this one another `store.path`."
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode("ascii"), 0)
        self._file = file

    def give_back(self) -> None:
        """Let go of the lock; a second call does nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
