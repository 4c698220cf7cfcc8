"""What is taken is kept whole; what is refused, broken off or cancelled leaves nothing."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from gateway.errors import (
    AttachmentInfectedError,
    AttachmentTypeError,
    BodyTooLargeError,
    DigestMismatchError,
    GatewayError,
    ScannerUnavailableError,
    StoreUnavailableError,
    UploadCutOffError,
)
from gateway.flow.upload import PIECE_BYTES, Upload
from gateway.messaging.attachment import ArrivingAttachment, Attachment, Content
from gateway.store.attachment_index import SqliteAttachmentIndex
from tests.gateway.flow.attic import LIMITS, PDF, Attic, Suspicion, upload_of
from tests.gateway.flow.world import NOON


@pytest.fixture
async def attic(tmp_path: Path) -> AsyncIterator[Attic]:
    attic = Attic(folder=tmp_path)
    await attic.open()
    yield attic
    await attic.messages.close()


async def is_empty(attic: Attic) -> bool:
    """Whether there is neither a file nor a row."""
    count, _ = await attic.index.discard_expired(now=NOON + timedelta(days=9), limit=9)
    return not count and not await attic.locations()


@pytest.mark.parametrize("sizes", [[3], [1, 2, 3], [PIECE_BYTES], [PIECE_BYTES * 2 + 5, 7]])
async def test_content_is_kept_whole_in_whatever_chunks_it_comes(
    attic: Attic, sizes: list[int]
) -> None:
    chunks = [PDF, *(bytes([number]) * size for number, size in enumerate(sizes))]
    kept = await attic.intake.take(upload_of(*chunks, file_name="a.pdf"))
    content = b"".join(chunks)
    assert kept.sha256 == hashlib.sha256(content).digest()
    assert kept.size_bytes == len(content)
    assert kept.expires_at == NOON + LIMITS.kept_for
    assert kept.file_name == "a.pdf"
    assert await attic.index.attachment(kept.id) == kept
    found = [piece async for piece in attic.store.read(kept.kept_at, piece_bytes=2**30)]
    assert b"".join(found) == content


async def test_empty_content_of_a_type_that_may_be_empty_is_kept(attic: Attic) -> None:
    kept = await attic.intake.take(upload_of(media_type="text/plain"))
    assert kept.size_bytes == 0
    assert await attic.store.size_bytes(kept.kept_at) == 0


async def test_the_same_content_is_kept_once(attic: Attic) -> None:
    first, second = await attic.kept(), await attic.kept()
    assert first.id != second.id
    assert await attic.locations() == {first.kept_at} == {second.kept_at}


LONG = b"x" * LIMITS.largest_bytes


@pytest.mark.parametrize(
    ("upload", "error"),
    [
        (upload_of(PDF, LONG), BodyTooLargeError),
        (upload_of(PDF, announced_bytes=LIMITS.largest_bytes + 1), BodyTooLargeError),
        (upload_of(PDF, media_type="image/png"), AttachmentTypeError),
        (upload_of(b"MZ"), AttachmentTypeError),
        (upload_of(), AttachmentTypeError),
        (upload_of(PDF, sha256=bytes(32)), DigestMismatchError),
        (upload_of(PDF, b"EICAR"), AttachmentInfectedError),
    ],
)
async def test_what_is_refused_leaves_nothing(
    attic: Attic, upload: Upload, error: type[GatewayError]
) -> None:
    attic.scanner = Suspicion()
    with pytest.raises(error):
        await attic.intake.take(upload)
    assert await is_empty(attic)


async def test_the_longest_content_is_taken(attic: Attic) -> None:
    kept = await attic.intake.take(upload_of(PDF, LONG[len(PDF) :]))
    assert kept.size_bytes == LIMITS.largest_bytes


async def test_no_attachment_is_taken_without_the_answer_of_the_scanner(attic: Attic) -> None:
    attic.scanner = Suspicion(failure=ScannerUnavailableError("away"))
    with pytest.raises(ScannerUnavailableError):
        await attic.kept()
    assert await is_empty(attic)


async def test_what_the_scanner_finds_clean_is_taken(attic: Attic) -> None:
    attic.scanner = Suspicion()
    assert (await attic.kept()).size_bytes == len(PDF)


async def test_half_an_upload_leaves_nothing(attic: Attic) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield PDF
        yield bytes(PIECE_BYTES)
        raise UploadCutOffError("gone")

    with pytest.raises(UploadCutOffError):
        await attic.intake.take(upload_of(chunks=half()))
    assert await is_empty(attic)


async def test_a_cancelled_upload_leaves_nothing(attic: Attic) -> None:
    begun = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield PDF + bytes(PIECE_BYTES)
        begun.set()
        await asyncio.sleep(60)

    async with asyncio.TaskGroup() as group:
        taking = group.create_task(attic.intake.take(upload_of(chunks=slow())))
        await begun.wait()
        taking.cancel()
    assert await is_empty(attic)


async def test_an_upload_that_outlasts_its_time_is_refused(attic: Attic) -> None:
    async def long() -> AsyncIterator[bytes]:
        yield PDF
        await attic.index.discard_expired(now=NOON + LIMITS.kept_for, limit=9)

    with pytest.raises(StoreUnavailableError):
        await attic.intake.take(upload_of(chunks=long()))
    assert await is_empty(attic)


class Forgetful(SqliteAttachmentIndex):
    """Makes an attachment complete, and fails to say so."""

    @override
    async def complete(self, attachment: ArrivingAttachment, content: Content) -> Attachment | None:
        await super().complete(attachment, content)
        raise StoreUnavailableError("The test took the store down.")


async def test_what_nobody_was_told_of_is_removed(attic: Attic) -> None:
    attic.index = Forgetful(attic.messages)
    with pytest.raises(StoreUnavailableError):
        await attic.kept()
    assert await is_empty(attic)
