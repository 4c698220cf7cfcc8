"""Content stands where its placeholder stood, all of it or nothing."""

import base64
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from gateway.errors import AttachmentUnavailableError
from gateway.flow.fill import PIECE_BYTES, fill
from gateway.messaging.attachment import Attachment, Location
from gateway.messaging.message import Message, Stage, StageKind
from gateway.messaging.placeholder import placeholder_of
from gateway.messaging.ports import WireMessage
from gateway.messaging.streamed import StreamedMessage
from tests.gateway.flow.attic import PDF, Attic
from tests.gateway.store.attachment_samples import in_pieces, new_location


@pytest.fixture
async def attic(tmp_path: Path) -> AsyncIterator[Attic]:
    attic = Attic(folder=tmp_path)
    await attic.open()
    yield attic
    await attic.messages.close()


def form(*attachments: str) -> bytes:
    return b"<a>" + b"</a><a>".join(placeholder_of(one).encode() for one in attachments) + b"</a>"


async def filled(attic: Attic, message: Message, body: bytes) -> StreamedMessage | None:
    outgoing = WireMessage(message_id=message.id, body=body, content_type="application/xml")
    return await fill(attic.index, attic.store, outgoing)


async def sent(outgoing: StreamedMessage | None) -> bytes:
    assert outgoing is not None
    async with aclosing(outgoing.chunks()) as chunks:
        body = b"".join([chunk async for chunk in chunks])
    assert len(body) == outgoing.size_bytes
    return body


async def accepted(attic: Attic, *attachments: Attachment) -> tuple[Message, bytes]:
    body = form(*(one.id for one in attachments))
    stage = Stage(kind=StageKind.WIRE_REQUEST, body=body, media_type="application/xml")
    return await attic.accept(*set(attachments), wire=stage), body


@pytest.mark.parametrize(
    "size", [0, 1, 2, 3, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 2]
)
async def test_content_is_sent_as_base64_of_its_announced_length(attic: Attic, size: int) -> None:
    content = PDF + b"x" * size
    kept = await attic.kept(content)
    message, body = await accepted(attic, kept)
    expected = b"<a>" + base64.b64encode(content) + b"</a>"
    outgoing = await filled(attic, message, body)
    assert await sent(outgoing) == expected
    assert await sent(outgoing) == expected  # a repeat begins at the beginning


async def test_empty_content_is_an_empty_text(attic: Attic) -> None:
    kept = await attic.kept(b"", media_type="text/plain")
    message, body = await accepted(attic, kept)
    assert await sent(await filled(attic, message, body)) == b"<a></a>"


async def test_each_content_stands_in_its_own_place(attic: Attic) -> None:
    first, second = await attic.kept(PDF + b"1"), await attic.kept(PDF + b"2")
    message, body = await accepted(attic, second, first, second)
    one, two = base64.b64encode(PDF + b"1"), base64.b64encode(PDF + b"2")
    expected = b"<a>%b</a><a>%b</a><a>%b</a>" % (two, one, two)
    assert await sent(await filled(attic, message, body)) == expected


async def test_what_the_message_does_not_refer_to_is_text(attic: Attic) -> None:
    kept, foreign = await attic.kept(PDF + b"1"), await attic.kept(PDF + b"2")
    message, _ = await accepted(attic, kept)
    body = form(foreign.id, kept.id)
    expected = body.replace(placeholder_of(kept.id).encode(), base64.b64encode(PDF + b"1"))
    assert await sent(await filled(attic, message, body)) == expected


async def test_a_message_without_attachments_is_left_as_it_is(attic: Attic) -> None:
    kept = await attic.kept()
    message, _ = await accepted(attic)
    assert await filled(attic, message, form(kept.id)) is None


@pytest.mark.parametrize("content", [None, PDF[:-1]])
async def test_nothing_is_sent_where_content_is_missing_or_cut(
    attic: Attic, content: bytes | None
) -> None:
    kept = await attic.kept()
    message, body = await accepted(attic, kept)
    await spoil(attic, kept.kept_at, content)
    with pytest.raises(AttachmentUnavailableError, match="Nothing was sent"):
        await filled(attic, message, body)


async def test_content_that_was_changed_is_never_sent_to_its_end(attic: Attic) -> None:
    content = PDF + b"x" * PIECE_BYTES * 2
    kept = await attic.kept(content)
    message, body = await accepted(attic, kept)
    await spoil(attic, kept.kept_at, content[:-1] + b"y")
    outgoing = await filled(attic, message, body)
    assert outgoing is not None
    came: list[bytes] = []

    async def collect() -> None:
        async for chunk in outgoing.chunks():
            came.append(chunk)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(AttachmentUnavailableError, match="other content"):
        await collect()
    assert 0 < len(b"".join(came)) < outgoing.size_bytes - len(b"</a>")


async def spoil(attic: Attic, location: Location, content: bytes | None) -> None:
    await attic.store.remove(location)
    if content is not None:
        await attic.store.put(location, in_pieces(content))
    await attic.store.put(new_location(), in_pieces(b"other"))
