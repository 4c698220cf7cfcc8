import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Barrier

import apsw
import pytest

from gateway.errors import StoreUnavailableError
from gateway.store.readers import Readers


@pytest.fixture
async def readers(tmp_path: Path) -> AsyncIterator[Readers]:
    connections = [apsw.Connection(str(tmp_path / "a.db")) for _ in range(2)]
    readers = Readers(connections)
    readers.start()
    yield readers
    readers.stop()
    for connection in connections:
        connection.close()


async def test_reads_run_beside_each_other(readers: Readers) -> None:
    both = Barrier(2, timeout=5)
    await asyncio.gather(*(readers.submit(lambda _: both.wait()) for _ in range(2)))


async def test_a_fault_of_the_database_is_told_in_our_words(readers: Readers) -> None:
    with pytest.raises(StoreUnavailableError):
        await readers.submit(lambda connection: connection.execute("SELECT * FROM nothing"))
    assert await readers.submit(lambda connection: connection.execute("SELECT 1").get) == 1


async def test_a_mistake_reaches_its_caller_and_ends_no_thread(readers: Readers) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await readers.submit(lambda _: 1 // 0)
