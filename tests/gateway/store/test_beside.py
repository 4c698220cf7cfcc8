"""What works beside a store fits the store."""

from pathlib import Path

import pytest

from gateway.store.backlog import SqliteBacklog
from gateway.store.beside import backlog_in, retention_in
from gateway.store.postgres.database import Source
from gateway.store.postgres.retention import PostgresBacklog, PostgresRetention
from gateway.store.postgres.store import PostgresStore
from gateway.store.retention import SqliteRetention
from gateway.store.sqlite import SqliteStore
from tests.gateway.flow.memory_store import MemoryStore


def test_sqlite_has_its_own(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "messages.db")
    assert isinstance(retention_in(store), SqliteRetention)
    assert isinstance(backlog_in(store), SqliteBacklog)


def test_postgres_has_its_own() -> None:
    store = PostgresStore(Source(url="postgresql://nowhere/none"))
    assert isinstance(retention_in(store), PostgresRetention)
    assert isinstance(backlog_in(store), PostgresBacklog)


def test_other_stores_have_none() -> None:
    for beside in (retention_in, backlog_in):
        with pytest.raises(TypeError):
            beside(MemoryStore())
