"""The backlog is counted in SQLite as in every store."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from gateway.messaging.backlog import BacklogStore
from gateway.messaging.ports import MessageStore
from gateway.store.backlog import SqliteBacklog
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_backlog import BacklogConformance


class TestSqliteBacklog(BacklogConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")

    @override
    @pytest.fixture
    def backlog(self, store: MessageStore) -> BacklogStore:
        assert isinstance(store, SqliteStore)
        return SqliteBacklog(store)
