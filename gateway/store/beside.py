"""What works on the data of a message store beside it: retention, and the count of the backlog."""

from gateway.messaging.backlog import BacklogStore
from gateway.messaging.ports import MessageStore
from gateway.messaging.retention import RetentionStore
from gateway.store.backlog import SqliteBacklog
from gateway.store.retention import SqliteRetention
from gateway.store.sqlite import SqliteStore


def retention_in(store: MessageStore) -> RetentionStore:
    """What erases in this store."""
    if isinstance(store, SqliteStore):
        return SqliteRetention(store)
    # The libraries of PostgreSQL are loaded only where it is used; see `store_of`.
    from gateway.store.postgres.retention import PostgresRetention  # noqa: PLC0415
    from gateway.store.postgres.store import PostgresStore  # noqa: PLC0415

    if isinstance(store, PostgresStore):
        return PostgresRetention(store)
    raise TypeError(type(store).__qualname__)


def backlog_in(store: MessageStore) -> BacklogStore:
    """What counts in this store."""
    if isinstance(store, SqliteStore):
        return SqliteBacklog(store)
    from gateway.store.postgres.retention import PostgresBacklog  # noqa: PLC0415
    from gateway.store.postgres.store import PostgresStore  # noqa: PLC0415

    if isinstance(store, PostgresStore):
        return PostgresBacklog(store)
    raise TypeError(type(store).__qualname__)
