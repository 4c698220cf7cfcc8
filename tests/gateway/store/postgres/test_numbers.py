"""Numbers while several processes take them at once."""

import asyncio

from gateway.errors import NotExpressibleError
from gateway.messaging.message import Message
from gateway.messaging.sequence import Finding
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from tests.gateway.store.conformance_sequences import (
    FILE,
    LONG,
    carried,
    ranges,
    seen,
    terms,
    written,
)
from tests.gateway.store.samples import a_message, stored


async def test_several_processes_give_each_number_once(postgres_url: str) -> None:
    stores = [PostgresStore(Source(url=postgres_url)) for _ in range(3)]
    for store in stores:
        await store.open()

    def broken(_numbers: object) -> list[object]:
        raise NotExpressibleError("no")

    messages = [a_message() for _ in range(90)]
    fields = [(FILE, LONG), (LONG, FILE), (LONG,)]
    outcomes = await asyncio.gather(
        *(
            stores[n % 3].accept(
                one, [], [], terms=terms(*fields[n % 3], write=broken if n % 7 == 3 else written)
            )
            for n, one in enumerate(messages)
        ),
        return_exceptions=True,
    )
    taken = [o for o in outcomes if isinstance(o, Message)]
    assert all(isinstance(o, Message | NotExpressibleError) for o in outcomes)
    numbers = [(await carried(stores[0], one))["long"] for one in taken]
    assert sorted(numbers) == list(range(1, len(taken) + 1))
    for store in stores:
        await store.close()


async def test_several_processes_note_numbers_as_one(postgres_url: str) -> None:
    stores = [PostgresStore(Source(url=postgres_url)) for _ in range(2)]
    for store in stores:
        await store.open()
    await seen(stores[0], 1)
    messages = [await stored(stores[0], a_message()) for _ in range(30)]
    await asyncio.gather(
        *(
            seen(stores[n % 2], number, message=message)
            for n, (number, message) in enumerate(zip(range(31, 1, -1), messages, strict=True))
        )
    )
    assert await ranges(stores[1]) == []
    assert await seen(stores[1], 32) is Finding.EXPECTED
    for store in stores:
        await store.close()
