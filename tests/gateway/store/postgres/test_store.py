"""The PostgreSQL store keeps every promise of the port, and some of its own."""

from collections.abc import Callable

import pytest
from typing_extensions import override

from gateway.messaging.ports import MessageStore
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from tests.gateway.store.conformance import MessageStoreConformance
from tests.gateway.store.conformance_channels import ChannelConformance
from tests.gateway.store.conformance_due import DueConformance
from tests.gateway.store.conformance_keys import IdempotencyKeyConformance
from tests.gateway.store.conformance_lists import ListConformance
from tests.gateway.store.conformance_refusals import RefusalConformance


class TestPostgresStore(MessageStoreConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresDue(DueConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresChannels(ChannelConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresLists(ListConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresKeys(IdempotencyKeyConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))


class TestPostgresRefusals(RefusalConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))
