"""Dead letters in SQLite keep every promise of their ports."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from gateway.messaging.ports import MessageStore
from gateway.store.letters import SqliteLetters
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_letters import LetterConformance, Letters


class TestSqliteLetters(LetterConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")

    @override
    @pytest.fixture
    def letters_of(self) -> Callable[[MessageStore], Letters]:
        def letters_of(store: MessageStore) -> Letters:
            assert isinstance(store, SqliteStore)
            return SqliteLetters(store)

        return letters_of
