"""Dead letters in SQLite keep every promise of their ports."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from gateway.messaging.letters import LetterStore
from gateway.messaging.ports import MessageStore
from gateway.store.choice import letters_of as letters_in
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_letters import LetterConformance


class TestSqliteLetters(LetterConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")

    @override
    @pytest.fixture
    def letters_of(self) -> Callable[[MessageStore], LetterStore]:
        return letters_in
