"""Put the content of attachments into a wire form while it is sent.

Nothing is sent before all of them are seen to be there. Content that was changed behind the
gateway's back is never sent to its end, so no authority takes it for what its caller sent.
"""

import hashlib
from base64 import b64encode
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from functools import partial

from gateway.errors import AttachmentUnavailableError, StoreUnavailableError
from gateway.messaging.attachment import Attachment, AttachmentId
from gateway.messaging.attachment_ports import AttachmentIndex, AttachmentStore
from gateway.messaging.placeholder import placeholder_of, split_at_placeholders
from gateway.messaging.ports import WireMessage
from gateway.messaging.streamed import StreamedMessage

PIECE_BYTES = 3 * 2**16
"""Read at a time; a multiple of 3, so that its base64 needs no filling."""

Parts = Sequence[bytes | Attachment]


async def fill(
    index: AttachmentIndex, store: AttachmentStore, outgoing: WireMessage
) -> StreamedMessage | None:
    """The message with the content of its attachments; None: it refers to none.

    Only what was found to be its caller's own when it was accepted is filled in; anything else
    that looks like a placeholder is text.

    Raises:
        AttachmentUnavailableError: Content is missing, or cannot be read.
    """
    try:
        known = {one.id: one for one in await index.attachments_of(outgoing.message_id)}
        for attachment in known.values():
            await _require_whole(store, attachment)
    except StoreUnavailableError as error:
        raise AttachmentUnavailableError(f"Nothing was sent. {error.detail}") from None
    if not known:
        return None
    parts = _parts(outgoing.body, known)
    return StreamedMessage(
        message_id=outgoing.message_id,
        content_type=outgoing.content_type,
        size_bytes=sum(map(_size, parts)),
        chunks=partial(_chunks, store, parts),
    )


async def _require_whole(store: AttachmentStore, attachment: Attachment) -> None:
    size = await store.size_bytes(attachment.kept_at)
    if size != attachment.size_bytes:
        found = "missing" if size is None else f"{size} bytes long"
        raise AttachmentUnavailableError(
            f"Nothing was sent: attachment {attachment.id} of {attachment.size_bytes} bytes"
            f" is {found}."
        )


def _parts(body: bytes, known: Mapping[AttachmentId, Attachment]) -> Parts:
    return [
        part if isinstance(part, bytes) else known.get(part) or placeholder_of(part).encode()
        for part in split_at_placeholders(body)
    ]


def _size(part: bytes | Attachment) -> int:
    return len(part) if isinstance(part, bytes) else (part.size_bytes + 2) // 3 * 4


async def _chunks(store: AttachmentStore, parts: Parts) -> AsyncGenerator[bytes, None]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        async with aclosing(_base64(store, part)) as chunks:
            async for chunk in chunks:
                yield chunk


async def _base64(store: AttachmentStore, attachment: Attachment) -> AsyncGenerator[bytes, None]:
    """Base64 of the content; the last chunk only when all of it is what it was."""
    seen, held = hashlib.sha256(), b""
    async with aclosing(store.read(attachment.kept_at, piece_bytes=PIECE_BYTES)) as pieces:
        async for piece in pieces:
            if held:
                yield held
            seen.update(piece)
            held = b64encode(piece)
    if seen.digest() != attachment.sha256:
        raise AttachmentUnavailableError(f"Attachment {attachment.id} has other content now.")
    if held:
        yield held
