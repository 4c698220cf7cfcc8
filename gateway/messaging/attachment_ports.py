"""What attachments need from outside, as Protocols. The docstrings are contracts."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from gateway.messaging.attachment import (
    ArrivingAttachment,
    Attachment,
    AttachmentId,
    Content,
    Location,
)
from gateway.messaging.message import MessageId


class AttachmentStore(Protocol):
    """Keeps the bytes of attachments, and knows nothing else of them.

    A location is written once. Calls may run concurrently, also from several processes. Any call
    raises ``StoreUnavailableError`` when bytes cannot be kept or had.
    """

    async def open(self, owner: str) -> None:
        """Make ready for the gateways of one database.

        Args:
            owner: A name of that database, of letters and digits.

        Raises:
            ConfigurationError: Nothing can be kept here, or another database's attachments are:
                what it needs would be removed as of no use.
        """
        ...

    async def close(self) -> None:
        """Give back every resource."""
        ...

    async def put(self, location: Location, pieces: AsyncIterator[bytes]) -> None:
        """Keep bytes as they come; durable on return.

        What ``pieces`` raises, and a cancelled call, leave nothing at the location.
        """
        ...

    def read(self, location: Location, *, piece_bytes: int) -> AsyncGenerator[bytes, None]:
        """Yield the bytes in pieces of this length, the last one shorter or of the same length.

        The first step raises ``StoreUnavailableError`` where there are none.
        """
        ...

    async def size_bytes(self, location: Location) -> int | None:
        """Length of the bytes at the location; None: there are none."""
        ...

    async def remove(self, location: Location) -> None:
        """Remove the bytes; does nothing where there are none."""
        ...

    def locations(self) -> AsyncGenerator[Sequence[Location], None]:
        """Every location with bytes, also with a part of them, in batches of at most 1,000.

        What has no name of a location is not ours, and is left out.
        """
        ...


class AttachmentIndex(Protocol):
    """What is known about attachments; part of the message store.

    Every writing call is one transaction, durable when it returns. A location is in use while an
    arriving attachment has its name or an attachment is kept there; the index decides in its
    transactions, so bytes may be removed whenever their location is out of use. Any call raises
    ``StoreUnavailableError`` when the database cannot be used.
    """

    async def announce(self, attachment: ArrivingAttachment) -> None:
        """Take its location into use, before any byte is kept there."""
        ...

    async def complete(self, attachment: ArrivingAttachment, content: Content) -> Attachment | None:
        """Say that all bytes are at its location.

        Returns:
            The attachment. If ``kept_at`` is not its own location, the tenant has this content
            already, and its own location is out of use. None: it is not known any more; its
            location is out of use.
        """
        ...

    async def attachment(self, attachment_id: AttachmentId) -> Attachment | None:
        """The attachment, or None; one that still arrives is none yet."""
        ...

    async def attachments_of(self, message_id: MessageId) -> list[Attachment]:
        """The attachments that a message refers to."""
        ...

    async def discard(self, attachment_id: AttachmentId) -> list[Location] | None:
        """Forget an attachment that no message refers to, also one that still arrives.

        Returns:
            Locations that are out of use now; None: a message refers to it, nothing was changed.
        """
        ...

    async def discard_expired(self, *, now: datetime, limit: int) -> tuple[int, list[Location]]:
        """Forget attachments that expired and that no message refers to, at most ``limit``.

        Returns:
            How many were forgotten, and the locations that are out of use now.
        """
        ...

    async def out_of_use(self, locations: Sequence[Location]) -> list[Location]:
        """Those of the locations that are not in use; they never will be again."""
        ...


class Scanner(Protocol):
    """Looks for malware."""

    async def scan(self, pieces: AsyncIterator[bytes]) -> bool:
        """Whether the bytes are clean.

        Raises:
            ScannerUnavailableError: Nobody knows.
        """
        ...
