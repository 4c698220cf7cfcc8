"""Messages under terms, when the connection breaks at the worst moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.messaging.terms import Terms
from gateway.store.postgres import store as store_module
from gateway.store.postgres.database import Connection, Database, Source, UnsureError
from gateway.store.postgres.store import PostgresStore
from tests.gateway.store.conformance_sequences import LONG, carried, terms
from tests.gateway.store.samples import REQUEST, WIRE, a_message

BOTH = Terms(order_key=bytes(32), numbering=terms(LONG).numbering)


class Breaking:
    """Lets the next transaction break, before or after its commit."""

    def __init__(self, database: Database) -> None:
        self._transaction = database.transaction
        self.next: str | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        breaks, self.next = self.next, None
        async with self._transaction() as on:
            yield on
            if breaks == "before":
                raise UnsureError("The connection broke.")
        if breaks == "after":
            raise UnsureError("The connection broke.")


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_broken_connection_neither_loses_nor_doubles_anything(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    monkeypatch.setattr(store_module, "_PAUSE_SECONDS", 0)
    store = PostgresStore(Source(url=postgres_url))
    breaking = Breaking(store._database)
    breaking_database: Any = store._database
    monkeypatch.setattr(breaking_database, "transaction", breaking.transaction)
    await store.open()
    messages = [a_message() for _ in range(3)]
    told = []
    for one in messages:
        breaking.next = moment if one is messages[1] else None
        told.append(await store.accept(one, (REQUEST, WIRE), [], terms=BOTH))
    assert [one.waits_in_line for one in told] == [False, True, True]
    assert [await store.get(one.id) for one in messages] == told
    assert [(await carried(store, one))["long"] for one in messages] == [1, 2, 3]
    await store.close()
