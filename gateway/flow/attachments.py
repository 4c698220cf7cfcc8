"""The desk for attachments: every use case about them, bound to its parts.

Thin, like ``gateway.flow.desk``, which holds it: each method hands over to the module of its verb.
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.errors import AttachmentInUseError, AttachmentUnknownError
from gateway.flow.attach import attach
from gateway.flow.check import Checked
from gateway.flow.fill import fill
from gateway.flow.sweep import keep_swept
from gateway.flow.upload import PIECE_BYTES, Intake, Upload, UploadLimits
from gateway.messaging.attachment import Attachment, AttachmentId
from gateway.messaging.attachment_ports import AttachmentIndex, AttachmentStore, Scanner
from gateway.messaging.party import Caller
from gateway.messaging.placeholder import is_attachment_id
from gateway.messaging.ports import Clock, WireMessage
from gateway.messaging.streamed import StreamedMessage


@dataclass(kw_only=True, slots=True)
class Attachments:
    """What callers can have done with attachments, and what messages need of them.

    Attributes:
        index: What is known of attachments; part of the message store.
        store: Their bytes; open while they are ``running``.
        clock: Tells the time.
        limits: What is taken.
        scanner: Looks for malware; None: nobody does.
        schemas: Canonical schema of each operation whose documents refer to attachments, by key.
    """

    index: AttachmentIndex
    store: AttachmentStore
    clock: Clock
    limits: UploadLimits
    scanner: Scanner | None = None
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self._intake = Intake(
            index=self.index,
            store=self.store,
            clock=self.clock,
            limits=self.limits,
            scanner=self.scanner,
            key=b"",
        )

    @asynccontextmanager
    async def running(self, key: bytes) -> AsyncIterator[None]:
        """Take attachments, and remove what nobody needs, as long as the block runs.

        Args:
            key: Secret of the message store, which must be open.

        Raises:
            ConfigurationError: Nothing can be kept where they shall be kept.
        """
        await self.store.open(hmac.digest(key, b"owner of attachments", hashlib.sha256).hex())
        self._intake = replace(self._intake, key=key)
        try:
            async with asyncio.TaskGroup() as group:
                sweeping = group.create_task(keep_swept(self.index, self.store, self.clock))
                try:
                    yield
                finally:
                    sweeping.cancel()
        finally:
            await self.store.close()

    async def take(self, upload: Upload) -> Attachment:
        """Keep an attachment; raises as ``Intake.take``."""
        return await self._intake.take(upload)

    async def look(self, caller: Caller, attachment_id: str) -> Attachment:
        """One of the caller's attachments; ``AttachmentUnknownError`` if it has none of this id."""
        found = None
        if is_attachment_id(attachment_id):
            found = await self.index.attachment(AttachmentId(attachment_id))
        if (
            found is None
            or (found.tenant, found.caller) != (caller.tenant, caller.name)
            or found.is_expired(self.clock.now())
        ):
            raise AttachmentUnknownError("The caller has no such attachment.")
        return found

    def content(self, attachment: Attachment) -> AsyncGenerator[bytes, None]:
        """The content of an attachment, in pieces; the first step fails where there is none."""
        return self.store.read(attachment.kept_at, piece_bytes=PIECE_BYTES)

    async def remove(self, caller: Caller, attachment_id: str) -> None:
        """Remove one of the caller's attachments.

        Raises:
            AttachmentUnknownError: It has none of this id.
            AttachmentInUseError: A message refers to it.
        """
        found = await self.look(caller, attachment_id)
        locations = await self.index.discard(found.id)
        if locations is None:
            raise AttachmentInUseError("A message refers to the attachment.")
        for location in locations:
            await self.store.remove(location)

    def concern(self, checked: Checked) -> bool:
        """Whether documents of the call's operation may refer to attachments."""
        return checked.operation.key in self.schemas

    async def attach(self, caller: Caller, checked: Checked) -> Checked:
        """The call that they concern, with those that it refers to; raises as ``attach``."""
        schema = self.schemas[checked.operation.key]
        return await attach(self.index, caller, checked, schema=schema, now=self.clock.now())

    async def fill(self, outgoing: WireMessage) -> StreamedMessage | None:
        """The message with the content of its attachments, if it has any; raises as ``fill``."""
        return await fill(self.index, self.store, outgoing)
