"""A look at what is due in a database, also while a gateway writes it; nothing is changed.

Kept out: erasing (``retention``).
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import apsw

from gateway.errors import StoreUnavailableError
from gateway.messaging.retention import Due, Holding
from gateway.store.faults import unavailable
from gateway.store.queries import load_queries
from gateway.store.retention import count_due, count_refusals, read_holdings

_PATIENCE_MILLISECONDS = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionView:
    """What ``RetentionStore`` tells, from a connection of its own."""

    connection: apsw.Connection
    queries: Mapping[str, str]

    def holdings(self) -> Sequence[Holding]:
        """See ``RetentionStore``."""
        return read_holdings(self.queries, self.connection)

    def count_due(self, due: Due) -> int:
        """See ``RetentionStore``."""
        return count_due(self.queries, due, self.connection)

    def count_refusals(self, before: datetime) -> int:
        """See ``RetentionStore``."""
        return count_refusals(self.queries, before, self.connection)


@contextlib.contextmanager
def retention_view(database: Path) -> Iterator[RetentionView]:
    """Look at a database.

    Raises:
        StoreUnavailableError: There is none, or none of this version.
    """
    if not database.is_file():
        raise StoreUnavailableError(f"There is no database at {database}.")
    try:
        with contextlib.closing(_connect(database)) as connection:
            yield RetentionView(connection=connection, queries=load_queries())
    except apsw.Error as error:
        raise unavailable(error) from None


def _connect(database: Path) -> apsw.Connection:
    # Reading a log that nobody else has open needs a file beside it, hence not read-only.
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.set_busy_timeout(_PATIENCE_MILLISECONDS)
    connection.pragma("query_only", value=True)
    return connection
