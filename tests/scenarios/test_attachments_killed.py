"""``kill -9`` before and after every step that attachments take."""

import asyncio
import hashlib
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.flow.sweep import sweep, sweep_strays
from gateway.messaging.attachment import Attachment, AttachmentId
from gateway.messaging.message import MessageId
from gateway.messaging.ports import MessageFilter
from tests.gateway.flow.attic import LIMITS, Attic

PROJECT = Path(__file__).resolve().parents[2]
MODULE = "tests.scenarios.dying_attachments"


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """What a process said before it ended."""

    kept: list[str]
    accepted: list[str]
    removed: list[str]
    survived: bool


async def run(folder: Path, nth: int, moment: str) -> Confirmed:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULE, str(folder), str(nth), moment, cwd=PROJECT, stdout=PIPE
    )
    said, _ = await process.communicate()
    lines = [line.split(" ") for line in said.decode().splitlines()]
    told = {word: [which for what, which in lines if what == word] for word, _ in lines}
    survived = "survived" in told
    assert process.returncode == (0 if survived else -signal.SIGKILL)
    return Confirmed(
        kept=told.get("kept", []),
        accepted=told.get("accepted", []),
        removed=told.get("removed", []),
        survived=survived,
    )


@asynccontextmanager
async def reopened(folder: Path) -> AsyncIterator[Attic]:
    attic = Attic(folder=folder)
    await attic.open()
    yield attic
    await attic.messages.close()


async def require_whole(attic: Attic, attachment: Attachment) -> None:
    seen = hashlib.sha256()
    async with aclosing(attic.store.read(attachment.kept_at, piece_bytes=2**20)) as pieces:
        async for piece in pieces:
            seen.update(piece)
    assert seen.digest() == attachment.sha256


async def judge(attic: Attic, confirmed: Confirmed) -> None:
    """What was confirmed is there; what is there is whole, and needed once all time is over."""
    messages, _ = await attic.messages.find(MessageFilter(), limit=9)
    assert {message.id for message in messages} >= {MessageId(one) for one in confirmed.accepted}
    for message in messages:
        needed = await attic.index.attachments_of(message.id)
        assert len(needed) == 2
        for attachment in needed:
            await require_whole(attic, attachment)
    if not confirmed.removed and not confirmed.accepted:
        for kept in confirmed.kept:
            found = await attic.index.attachment(AttachmentId(kept))
            assert found is not None
            await require_whole(attic, found)
    attic.clock.advance(LIMITS.kept_for)
    await sweep(attic.index, attic.store, attic.clock)
    await sweep_strays(attic.index, attic.store)
    needed_at = {
        attachment.kept_at
        for message in messages
        for attachment in await attic.index.attachments_of(message.id)
    }
    assert await attic.locations() == needed_at


@pytest.mark.slow
async def test_no_kill_leaves_a_message_without_its_content_or_content_without_a_need(
    tmp_path: Path,
) -> None:
    deaths = 0
    for moment in ("before", "after"):
        nth, survived = 1, False
        while not survived:
            folder = tmp_path / f"{moment}-{nth}"
            folder.mkdir()
            confirmed = await run(folder, nth, moment)
            async with reopened(folder) as attic:
                await judge(attic, confirmed)
            survived = confirmed.survived
            deaths += not survived
            nth += 1
    assert deaths >= 2 * 18
