"""What every store of attachments' bytes must do, on a real folder or server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from gateway.errors import ConfigurationError, StoreUnavailableError, UploadCutOffError
from gateway.messaging.attachment import Location
from gateway.messaging.attachment_ports import AttachmentStore
from tests.gateway.store.attachment_samples import in_pieces, new_location

OWNER = "0123456789abcdef"
LONG = [bytes([number]) * 2**20 for number in range(12)]


async def read(store: AttachmentStore, location: Location, piece_bytes: int = 7) -> list[bytes]:
    async with aclosing(store.read(location, piece_bytes=piece_bytes)) as pieces:
        return [piece async for piece in pieces]


async def listed(store: AttachmentStore) -> set[Location]:
    async with aclosing(store.locations()) as batches:
        return {location async for batch in batches for location in batch}


class AttachmentBytesConformance:
    """Inherit, and give the fixture ``make_bytes``: makes a store that is not yet open.

    Each time it is called within one test, the store is on the same data.
    """

    @pytest.fixture
    def make_bytes(self) -> Callable[[], AttachmentStore]:
        raise NotImplementedError

    @pytest.fixture
    async def store(
        self, make_bytes: Callable[[], AttachmentStore]
    ) -> AsyncIterator[AttachmentStore]:
        store = make_bytes()
        await store.open(OWNER)
        yield store
        await store.close()

    @pytest.mark.parametrize("pieces", [[], [b"%PDF-", b"1.7"], [b"x" * 14], LONG])
    async def test_bytes_come_back_as_they_were(
        self, store: AttachmentStore, pieces: list[bytes]
    ) -> None:
        location = new_location()
        await store.put(location, in_pieces(*pieces))
        found = await read(store, location, piece_bytes=2**19 + 1)
        assert b"".join(found) == b"".join(pieces)
        assert {len(piece) for piece in found[:-1]} <= {2**19 + 1}
        assert await store.size_bytes(location) == sum(map(len, pieces))

    async def test_they_are_read_in_pieces_of_one_length(self, store: AttachmentStore) -> None:
        location = new_location()
        await store.put(location, in_pieces(b"0123456", b"789", b"01234"))
        assert await read(store, location) == [b"0123456", b"7890123", b"4"]

    async def test_what_is_not_there_cannot_be_read(self, store: AttachmentStore) -> None:
        location = new_location()
        assert await store.size_bytes(location) is None
        with pytest.raises(StoreUnavailableError):
            await read(store, location)

    async def test_removed_bytes_are_gone(self, store: AttachmentStore) -> None:
        location, other = new_location(), new_location()
        for one in (location, other):
            await store.put(one, in_pieces(b"x"))
        await store.remove(location)
        await store.remove(location)
        assert await listed(store) == {other}
        assert await store.size_bytes(location) is None

    @pytest.mark.parametrize("before", [[], [b"x" * 1000], LONG])
    async def test_what_breaks_off_leaves_nothing(
        self, store: AttachmentStore, before: list[bytes]
    ) -> None:
        async def broken() -> AsyncIterator[bytes]:
            for piece in before:
                yield piece
            raise UploadCutOffError("The caller went away.")

        location = new_location()
        with pytest.raises(UploadCutOffError):
            await store.put(location, broken())
        assert await listed(store) == set()
        assert await store.size_bytes(location) is None

    async def test_what_is_cancelled_leaves_nothing(self, store: AttachmentStore) -> None:
        begun = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            yield b"x" * 100_000
            begun.set()
            await asyncio.sleep(60)
            yield b""

        location = new_location()
        async with asyncio.TaskGroup() as group:
            putting = group.create_task(store.put(location, endless()))
            await begun.wait()
            putting.cancel()
        assert putting.cancelled()
        assert await listed(store) == set()
        assert await store.size_bytes(location) is None

    async def test_many_are_written_and_listed(self, store: AttachmentStore) -> None:
        locations = [new_location() for _ in range(30)]
        await asyncio.gather(*(store.put(one, in_pieces(one.encode())) for one in locations))
        assert await listed(store) == set(locations)
        found = await asyncio.gather(*(read(store, one, 100) for one in locations))
        assert found == [[one.encode()] for one in locations]

    async def test_bytes_outlive_the_process(
        self, store: AttachmentStore, make_bytes: Callable[[], AttachmentStore]
    ) -> None:
        location = new_location()
        await store.put(location, in_pieces(b"%PDF-"))
        again = make_bytes()
        await again.open(OWNER)
        assert await read(again, location) == [b"%PDF-"]
        await again.close()

    async def test_another_message_store_is_kept_away(
        self, store: AttachmentStore, make_bytes: Callable[[], AttachmentStore]
    ) -> None:
        del store
        with pytest.raises(ConfigurationError, match="another message store"):
            await make_bytes().open("another")
