"""Attachments for tests; every argument has a harmless default."""

import dataclasses
import hashlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from gateway.messaging.attachment import (
    ArrivingAttachment,
    Attachment,
    AttachmentId,
    Content,
    Location,
)
from tests.gateway.store.samples import NOW, later


def new_location() -> Location:
    return Location(str(uuid4()))


def arriving(**changes: Any) -> ArrivingAttachment:
    attachment = ArrivingAttachment(
        id=AttachmentId(str(uuid4())),
        tenant="default",
        caller="city",
        media_type="application/pdf",
        file_name="Pläne.pdf",
        created_at=NOW,
        expires_at=later(60),
    )
    return dataclasses.replace(attachment, **changes)


def an_attachment(content: bytes = b"%PDF-", **changes: Any) -> Attachment:
    plain = arriving()
    fields = {one.name: getattr(plain, one.name) for one in dataclasses.fields(plain)}
    attachment = Attachment(
        **fields,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).digest(),
        kept_at=plain.location,
    )
    return dataclasses.replace(attachment, **changes)


def content_of(content: bytes = b"%PDF-", *, tenant: str = "default") -> Content:
    sha256 = hashlib.sha256(content).digest()
    digest = hashlib.sha256(tenant.encode() + sha256).digest()
    return Content(size_bytes=len(content), sha256=sha256, digest=digest)


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
