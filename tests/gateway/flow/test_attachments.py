"""The desk for attachments: each caller has its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import AttachmentInUseError, AttachmentUnknownError, ConfigurationError
from gateway.flow.attachments import Attachments
from tests.gateway.flow.attic import LIMITS, PDF, Attic, upload_of
from tests.gateway.flow.world import CALLER, QUERY, World, ask_for

KEY = b"k" * 32


def desk_of(attic: Attic) -> Attachments:
    return Attachments(
        index=attic.index,
        store=attic.store,
        clock=attic.clock,
        limits=LIMITS,
        schemas={QUERY.key: {}},
    )


@pytest.fixture
async def attic(tmp_path: Path) -> AsyncIterator[Attic]:
    attic = Attic(folder=tmp_path)
    await attic.messages.open()
    yield attic
    await attic.messages.close()


@pytest.fixture
async def desk(attic: Attic) -> AsyncIterator[Attachments]:
    desk = desk_of(attic)
    async with desk.running(KEY):
        yield desk


async def test_a_caller_finds_and_reads_what_it_sent(desk: Attachments) -> None:
    kept = await desk.take(upload_of(PDF))
    found = await desk.look(CALLER, kept.id)
    assert found == kept
    async with aclosing(desk.content(found)) as pieces:
        assert b"".join([piece async for piece in pieces]) == PDF


async def test_nobody_else_finds_it(desk: Attachments, attic: Attic) -> None:
    kept = await desk.take(upload_of(PDF))
    for other in (replace(CALLER, name="another"), replace(CALLER, tenant="another")):
        with pytest.raises(AttachmentUnknownError):
            await desk.look(other, kept.id)
        with pytest.raises(AttachmentUnknownError):
            await desk.remove(other, kept.id)
    for wrong in ("", "x", kept.id.upper(), "0c9a5a1e-0000-4000-8000-00000000000f"):
        with pytest.raises(AttachmentUnknownError):
            await desk.look(CALLER, wrong)
    attic.clock.advance(LIMITS.kept_for)
    with pytest.raises(AttachmentUnknownError):
        await desk.look(CALLER, kept.id)


async def test_what_a_caller_removes_is_gone(desk: Attachments, attic: Attic) -> None:
    kept = await desk.take(upload_of(PDF))
    await desk.remove(CALLER, kept.id)
    assert await attic.locations() == set()
    with pytest.raises(AttachmentUnknownError):
        await desk.look(CALLER, kept.id)


async def test_what_a_message_needs_is_not_removed(desk: Attachments, attic: Attic) -> None:
    kept = await desk.take(upload_of(PDF))
    await attic.accept(kept)
    with pytest.raises(AttachmentInUseError):
        await desk.remove(CALLER, kept.id)
    assert await attic.locations() == {kept.kept_at}


async def test_equal_content_of_two_tenants_is_kept_twice(desk: Attachments, attic: Attic) -> None:
    first = await desk.take(upload_of(PDF))
    second = await desk.take(upload_of(PDF, caller=replace(CALLER, tenant="another")))
    assert await attic.locations() == {first.kept_at, second.kept_at}
    assert first.kept_at != second.kept_at


async def test_what_nobody_needs_is_removed_at_the_start(attic: Attic) -> None:
    async with desk_of(attic).running(KEY):
        await attic.kept()
    attic.clock.advance(LIMITS.kept_for)
    async with desk_of(attic).running(KEY), asyncio.timeout(5):
        while await attic.locations():  # noqa: ASYNC110 - files tell nobody that they go
            await asyncio.sleep(0.01)
    assert await attic.locations() == set()


async def test_the_place_belongs_to_one_message_store(desk: Attachments, attic: Attic) -> None:
    async with desk_of(attic).running(KEY):
        pass
    with pytest.raises(ConfigurationError):
        await desk_of(attic).running(b"x" * 32).__aenter__()


async def test_they_concern_operations_whose_schema_says_so(desk: Attachments) -> None:
    checked = World().checked(ask_for())
    assert desk.concern(checked)
    assert not desk.concern(replace(checked, operation=replace(checked.operation, version=2)))
