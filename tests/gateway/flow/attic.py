"""A place for attachments that is real, with a clock and a scanner that do what the test says."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from typing_extensions import override

from gateway.flow.upload import Intake, Upload, UploadLimits
from gateway.messaging.attachment import Attachment
from gateway.messaging.attachment_ports import Scanner
from gateway.messaging.history import Entry
from gateway.messaging.message import Message, Stage
from gateway.messaging.terms import Terms
from gateway.store.attachment_files import AttachmentFiles
from gateway.store.attachment_index import SqliteAttachmentIndex
from gateway.store.sqlite import SqliteStore
from tests.gateway.flow.world import CALLER, NOON, FixedClock
from tests.gateway.store.attachment_samples import in_pieces
from tests.gateway.store.samples import REQUEST, WIRE, a_message

LIMITS = UploadLimits(
    largest_bytes=3 * 2**20,
    media_types=frozenset({"application/pdf", "text/plain"}),
    kept_for=timedelta(hours=1),
)
PDF = b"%PDF-1.7"


class Suspicion(Scanner):
    """Finds fault with content that holds a word, or raises."""

    def __init__(self, word: bytes = b"EICAR", *, failure: Exception | None = None) -> None:
        self._word = word
        self._failure = failure

    @override
    async def scan(self, pieces: AsyncIterator[bytes]) -> bool:
        content = b"".join([piece async for piece in pieces])
        if self._failure is not None:
            raise self._failure
        return self._word not in content


def upload_of(*chunks: bytes, **changes: Any) -> Upload:
    plain = Upload(caller=CALLER, media_type="application/pdf", chunks=in_pieces(*chunks))
    return replace(plain, **changes)


@dataclass(kw_only=True)
class Attic:
    """A message store, its index of attachments, and a folder for their bytes."""

    folder: Path
    scanner: Scanner | None = None
    clock: FixedClock = field(default_factory=FixedClock)

    def __post_init__(self) -> None:
        self.messages = SqliteStore(self.folder / "messages.db")
        self.index = SqliteAttachmentIndex(self.messages)
        self.store = AttachmentFiles(self.folder / "attachments")

    async def open(self) -> None:
        await self.messages.open()
        await self.store.open("owner")

    @property
    def intake(self) -> Intake:
        return Intake(
            index=self.index,
            store=self.store,
            clock=self.clock,
            limits=LIMITS,
            scanner=self.scanner,
            key=bytes(32),
        )

    async def kept(self, content: bytes = PDF, **changes: Any) -> Attachment:
        return await self.intake.take(upload_of(content, **changes))

    async def accept(self, *attachments: Attachment, wire: Stage = WIRE) -> Message:
        message = a_message(caller=CALLER.name)
        entry = Entry(at=NOON, event="message.accepted", state=message.state)
        terms = Terms(attachments=tuple(one.id for one in attachments))
        await self.messages.accept(message, [REQUEST, wire], [entry], terms=terms)
        return message

    async def locations(self) -> set[str]:
        async with aclosing(self.store.locations()) as batches:
            return {location async for batch in batches for location in batch}
