"""What the tests of every store have in common: a store that is open, on data of its own."""

from collections.abc import AsyncIterator, Callable

import pytest

from gateway.messaging.ports import MessageStore


class StoreConformance:
    """Inherit, and give the fixture ``make_store``: a function that makes a store, not yet open.

    Each time it is called within one test, the store is on the same data.
    """

    @pytest.fixture
    def make_store(self) -> Callable[[], MessageStore]:
        raise NotImplementedError

    @pytest.fixture
    async def store(self, make_store: Callable[[], MessageStore]) -> AsyncIterator[MessageStore]:
        store = make_store()
        await store.open()
        yield store
        await store.close()
