"""What works beside a store fits the store."""

from pathlib import Path

from gateway.store.backlog import SqliteBacklog
from gateway.store.beside import backlog_in, retention_in
from gateway.store.retention import SqliteRetention
from gateway.store.sqlite import SqliteStore


def test_sqlite_has_its_own(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "messages.db")
    assert isinstance(retention_in(store), SqliteRetention)
    assert isinstance(backlog_in(store), SqliteBacklog)
