"""Dead letters in PostgreSQL keep every promise of their ports."""

from collections.abc import Callable

import pytest
from typing_extensions import override

from gateway.messaging.letters import LetterStore
from gateway.messaging.ports import MessageStore
from gateway.store.choice import letters_of as letters_in
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from tests.gateway.store.conformance_letters import LetterConformance


class TestPostgresLetters(LetterConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))

    @override
    @pytest.fixture
    def letters_of(self) -> Callable[[MessageStore], LetterStore]:
        return letters_in
