"""The index of attachments in PostgreSQL keeps every promise of the port."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
from typing_extensions import override

from gateway.errors import AttachmentUnusableError
from gateway.messaging.attachment_ports import AttachmentIndex
from gateway.messaging.message import Message
from gateway.messaging.ports import MessageStore
from gateway.store.postgres.attachment_index import PostgresAttachmentIndex
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from tests.gateway.store.attachment_samples import arriving, content_of
from tests.gateway.store.conformance_attachments import AttachmentConformance, Shelf
from tests.gateway.store.samples import later

ERASE = "DELETE FROM stages WHERE message_number = (SELECT number FROM messages WHERE id = $1)"


class TestPostgresAttachments(AttachmentConformance):
    @override
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], MessageStore]:
        return lambda: PostgresStore(Source(url=postgres_url))

    @override
    @pytest.fixture
    def index_of(self) -> Callable[[Any], AttachmentIndex]:
        return lambda store: PostgresAttachmentIndex(store.database)

    @override
    async def erase(self, store: Any, message: Message) -> None:
        async with store.database.connection() as connection:
            await connection.execute(ERASE, message.id)

    async def test_processes_that_take_and_sweep_at_once_lose_nothing(
        self, shelf: Shelf, make_store: Callable[[], MessageStore]
    ) -> None:
        stores: list[Any] = [make_store() for _ in range(2)]
        async with AsyncExitStack() as stack:
            for store in stores:
                await store.open()
                stack.push_async_callback(store.close)
            others = [Shelf(store=s, index=PostgresAttachmentIndex(s.database)) for s in stores]
            async with asyncio.TaskGroup() as group:
                sweeps = [group.create_task(sweep_on(one)) for one in (shelf, *others)]
                accepted = await asyncio.gather(*(take_many(one) for one in (shelf, *others)))
                for task in sweeps:
                    task.cancel()
        assert sum(accepted) > 0


async def take_many(shelf: Shelf) -> int:
    """Take and refer again and again, always to the same contents; how often that came about."""
    accepted = 0
    for turn in range(20):
        attachment, content = arriving(), content_of(bytes([turn % 3]))
        await shelf.index.announce(attachment)
        kept = await shelf.index.complete(attachment, content)
        if kept is None:
            continue  # its time is over from the start, and a sweep was sooner
        with suppress(AttachmentUnusableError):
            message = await shelf.accept(kept)
            (found,) = await shelf.index.attachments_of(message.id)
            assert await shelf.index.out_of_use([found.kept_at]) == []
            accepted += 1
    return accepted


async def sweep_on(shelf: Shelf) -> None:
    while True:
        await shelf.index.discard_expired(now=later(3600), limit=4)
        await asyncio.sleep(0.005)
