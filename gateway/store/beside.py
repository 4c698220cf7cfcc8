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
    raise NotImplementedError


def backlog_in(store: MessageStore) -> BacklogStore:
    """What counts in this store."""
    if isinstance(store, SqliteStore):
        return SqliteBacklog(store)
    raise NotImplementedError
