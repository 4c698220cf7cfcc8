"""Take an attachment in: bytes go to their place as they come, and count when all of them are good.

The index hears of an attachment before its first byte, so that whatever a crash leaves behind is
found and removed (``gateway.flow.sweep``). Kept out: HTTP, and where the bytes go.
"""

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from gateway.errors import (
    AttachmentInfectedError,
    AttachmentTypeError,
    BodyTooLargeError,
    DigestMismatchError,
    StoreUnavailableError,
)
from gateway.messaging.attachment import ArrivingAttachment, Attachment, AttachmentId, Content
from gateway.messaging.attachment_ports import AttachmentIndex, AttachmentStore, Scanner
from gateway.messaging.party import Caller
from gateway.messaging.ports import Clock
from gateway.validation.magic_bytes import LONGEST_BEGINNING_BYTES, begins_as

PIECE_BYTES = 2**20
"""Written, and read for the scanner, at a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadLimits:
    """What is taken.

    Attributes:
        largest_bytes: Longest content.
        media_types: Types that are taken.
        kept_for: How long an attachment waits for the message that refers to it.
    """

    largest_bytes: int
    media_types: frozenset[str]
    kept_for: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """An attachment as its caller sends it.

    Attributes:
        caller: Who sends it.
        media_type: As announced, lower case, without parameters.
        chunks: The content, in chunks of any length.
        announced_bytes: Length of the content, if it was announced.
        file_name: As announced, if it was.
        sha256: What the SHA-256 of the content must be; None: nobody said.
    """

    caller: Caller
    media_type: str
    chunks: AsyncIterator[bytes]
    announced_bytes: int | None = None
    file_name: str | None = None
    sha256: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """Takes attachments in.

    Attributes:
        index: What is known of attachments.
        store: Where bytes go.
        clock: Tells the time.
        limits: What is taken.
        scanner: Looks for malware; None: nobody does.
        key: Secret of the store that digests are made with.
    """

    index: AttachmentIndex
    store: AttachmentStore
    clock: Clock
    limits: UploadLimits
    scanner: Scanner | None
    key: bytes

    async def take(self, upload: Upload) -> Attachment:
        """Keep an attachment; durable on return. If it raises, nothing is kept.

        Raises:
            BodyTooLargeError: It is longer than is taken.
            AttachmentTypeError: Of a type that is not taken, or it does not begin like its type.
            DigestMismatchError: Other content came than was meant.
            AttachmentInfectedError: The scanner found something.
            ScannerUnavailableError: It gives no answer.
            StoreUnavailableError: There is no room.
        """
        self._require_wanted(upload)
        arriving = self._arriving(upload)
        await self.index.announce(arriving)
        try:
            content = await self._keep(arriving, upload)
            kept = _in_time(await self.index.complete(arriving, content))
        except BaseException:
            await self._forget(arriving)
            raise
        if kept.kept_at != arriving.location:
            await self.store.remove(arriving.location)
        return kept

    def _require_wanted(self, upload: Upload) -> None:
        if upload.media_type not in self.limits.media_types:
            known = ", ".join(sorted(self.limits.media_types))
            raise AttachmentTypeError(f"Attachments of this type are not taken; known: {known}.")
        if (upload.announced_bytes or 0) > self.limits.largest_bytes:
            raise _too_large(self.limits.largest_bytes)

    def _arriving(self, upload: Upload) -> ArrivingAttachment:
        now = self.clock.now()
        return ArrivingAttachment(
            id=AttachmentId(str(uuid4())),
            tenant=upload.caller.tenant,
            caller=upload.caller.name,
            media_type=upload.media_type,
            file_name=upload.file_name,
            created_at=now,
            expires_at=now + self.limits.kept_for,
        )

    async def _keep(self, arriving: ArrivingAttachment, upload: Upload) -> Content:
        measured = _Measured(upload, self.limits.largest_bytes)
        async with aclosing(measured.pieces()) as pieces:
            await self.store.put(arriving.location, pieces)
        sha256 = measured.hash.digest()
        if upload.sha256 is not None and not hmac.compare_digest(upload.sha256, sha256):
            raise DigestMismatchError(
                f"The {measured.size_bytes} bytes that came have another SHA-256 than was sent."
            )
        await self._scan(arriving)
        tenant_key = hmac.digest(self.key, b"attachments " + arriving.tenant.encode(), "sha256")
        digest = hmac.digest(tenant_key, sha256, "sha256")
        return Content(size_bytes=measured.size_bytes, sha256=sha256, digest=digest)

    async def _scan(self, arriving: ArrivingAttachment) -> None:
        if self.scanner is None:
            return
        async with aclosing(self.store.read(arriving.location, piece_bytes=PIECE_BYTES)) as pieces:
            if not await self.scanner.scan(pieces):
                raise AttachmentInfectedError("The malware scanner refuses the attachment.")

    async def _forget(self, arriving: ArrivingAttachment) -> None:
        """Remove what came; what cannot be removed now, the sweep finds."""
        with contextlib.suppress(StoreUnavailableError):
            freed = await self.index.discard(arriving.id) or []
            for location in {*freed, *await self.index.out_of_use([arriving.location])}:
                await self.store.remove(location)


class _Measured:
    """Counts and hashes content on its way, and looks at its beginning."""

    def __init__(self, upload: Upload, limit: int) -> None:
        self.size_bytes = 0
        self.hash = hashlib.sha256()
        self._upload = upload
        self._limit = limit

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The content in pieces of ``PIECE_BYTES``, the last one shorter."""
        buffer = bytearray()
        async for chunk in self._upload.chunks:
            buffer += chunk
            if self.size_bytes + len(buffer) > self._limit:
                raise _too_large(self._limit)
            while len(buffer) >= PIECE_BYTES:
                yield await self._look_at(bytes(buffer[:PIECE_BYTES]))
                del buffer[:PIECE_BYTES]
        if buffer or not self.size_bytes:
            yield await self._look_at(bytes(buffer))

    async def _look_at(self, piece: bytes) -> bytes:
        media_type = self._upload.media_type
        if not self.size_bytes and not begins_as(media_type, piece[:LONGEST_BEGINNING_BYTES]):
            raise AttachmentTypeError(f"The content does not begin as {media_type} does.")
        self.size_bytes += len(piece)
        await asyncio.to_thread(self.hash.update, piece)
        return piece


def _in_time(kept: Attachment | None) -> Attachment:
    if kept is None:
        raise StoreUnavailableError("The attachment took longer to come than it is kept.")
    return kept


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"The attachment is longer than the {limit} bytes that are taken.")
