"""What nobody needs is removed, and nothing else, whatever happens at the same time."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from gateway.errors import StoreUnavailableError
from gateway.flow import sweep as sweeping
from gateway.flow.sweep import BATCH, keep_swept, sweep, sweep_strays
from gateway.messaging.attachment import Location
from gateway.store.attachment_files import AttachmentFiles
from tests.gateway.flow.attic import LIMITS, PDF, Attic, upload_of
from tests.gateway.store.attachment_samples import arriving, in_pieces, new_location

OVER = LIMITS.kept_for + timedelta(seconds=1)


@pytest.fixture
async def attic(tmp_path: Path) -> AsyncIterator[Attic]:
    attic = Attic(folder=tmp_path)
    await attic.open()
    yield attic
    await attic.messages.close()


async def swept(attic: Attic) -> int:
    return await sweep(attic.index, attic.store, attic.clock)


async def test_attachments_go_when_their_time_is_over(attic: Attic) -> None:
    await attic.kept()
    assert await swept(attic) == 0
    attic.clock.advance(OVER)
    young = await attic.kept(PDF + b"young")
    assert await swept(attic) == 1
    assert await attic.locations() == {young.kept_at}


async def test_more_than_a_batch_go_in_one_sweep(attic: Attic) -> None:
    for number in range(BATCH + 1):
        await attic.kept(PDF + str(number % 7).encode())
    attic.clock.advance(OVER)
    assert await swept(attic) == BATCH + 1
    assert await attic.locations() == set()


async def test_an_attachment_of_a_message_stays(attic: Attic) -> None:
    kept = await attic.kept()
    await attic.accept(kept)
    attic.clock.advance(OVER)
    assert await swept(attic) == 0
    assert await attic.locations() == {kept.kept_at}


async def test_an_upload_that_a_crash_cut_off_goes_when_its_time_is_over(attic: Attic) -> None:
    lost = arriving(expires_at=attic.clock.now() + LIMITS.kept_for)
    await attic.index.announce(lost)
    await attic.store.put(lost.location, in_pieces(b"half"))
    assert await sweep_strays(attic.index, attic.store) == 0
    attic.clock.advance(OVER)
    assert await swept(attic) == 1
    assert await attic.locations() == set()


async def test_bytes_that_belong_to_nothing_go(attic: Attic) -> None:
    kept = await attic.kept()
    await attic.store.put(new_location(), in_pieces(b"stray"))
    assert await sweep_strays(attic.index, attic.store) == 1
    assert await attic.locations() == {kept.kept_at}


async def test_sweeps_beside_uploads_of_the_same_content_lose_none(attic: Attic) -> None:
    async def sweep_on() -> None:
        while True:
            await swept(attic)
            await sweep_strays(attic.index, attic.store)
            await asyncio.sleep(0)

    async def come_and_go(number: int) -> None:
        for _ in range(10):
            kept = await attic.intake.take(upload_of(PDF, bytes([number % 2])))
            assert await attic.store.size_bytes(kept.kept_at) == kept.size_bytes
            for location in await attic.index.discard(kept.id) or ():
                await attic.store.remove(location)

    async with asyncio.TaskGroup() as group:
        sweeper = group.create_task(sweep_on())
        await asyncio.gather(*(come_and_go(number) for number in range(6)))
        sweeper.cancel()
    assert await attic.locations() == set()


class Unwell(AttachmentFiles):
    """Cannot remove anything the first time."""

    failures = 1

    @override
    async def remove(self, location: Location) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailableError("The test took the folder away.")
        await super().remove(location)


async def test_a_sweep_that_failed_is_made_good_by_a_later_one(
    attic: Attic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sweeping, "PAUSE", timedelta())
    monkeypatch.setattr(sweeping, "STRAYS_EVERY", 1)
    await attic.kept()
    attic.clock.advance(OVER)
    unwell = Unwell(tmp_path / "attachments")
    with caplog.at_level(logging.INFO):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(keep_swept(attic.index, unwell, attic.clock))
            async with asyncio.timeout(5):
                while await attic.locations():  # noqa: ASYNC110 - files tell nobody that they go
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            task.cancel()
    events = [getattr(record, "event", None) for record in caplog.records]
    assert events == ["attachments.sweep_failed", "attachments.removed"]
