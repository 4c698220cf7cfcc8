"""Which attachments there are, in the PostgreSQL database of the messages.

Kept out: their bytes (``attachment_files``, ``attachment_bucket``).
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.errors import AttachmentUnusableError
from gateway.messaging.attachment import (
    ArrivingAttachment,
    Attachment,
    AttachmentId,
    Content,
    Location,
)
from gateway.messaging.message import MessageId
from gateway.store.attachment_rows import announced_row, attachment_in
from gateway.store.postgres.database import Connection, Database
from gateway.store.rows import Row, micros


class PostgresAttachmentIndex:
    """An ``AttachmentIndex`` on the database of a ``PostgresStore``, which must be open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def announce(self, attachment: ArrivingAttachment) -> None:
        """See ``AttachmentIndex``."""
        await self._database.write("announce_attachment", *announced_row(attachment))

    async def complete(self, attachment: ArrivingAttachment, content: Content) -> Attachment | None:
        """See ``AttachmentIndex``."""
        write = self._database.write
        async with self._database.transaction() as connection:
            if not await write("lock_arriving", attachment.id, on=connection):
                return None
            row = (attachment.tenant, content.digest, content.sha256, content.size_bytes)
            kept = await write("keep_attached_content", *row, attachment.location, on=connection)
            await write("complete_attachment", kept[0][0], attachment.id, on=connection)
        return await self.attachment(attachment.id)

    async def attachment(self, attachment_id: AttachmentId) -> Attachment | None:
        """See ``AttachmentIndex``."""
        rows = await self._database.read("attachment", attachment_id)
        return attachment_in(rows[0]) if rows else None

    async def attachments_of(self, message_id: MessageId) -> list[Attachment]:
        """See ``AttachmentIndex``."""
        return [
            attachment_in(row) for row in await self._database.read("attachments_of", message_id)
        ]

    async def discard(self, attachment_id: AttachmentId) -> list[Location] | None:
        """See ``AttachmentIndex``."""
        async with self._database.transaction() as connection:
            await self._database.write("lock_attachment", attachment_id, on=connection)
            if await self._database.write("is_referenced", attachment_id, on=connection):
                return None
            return (await self._drop([attachment_id], connection))[1]

    async def discard_expired(self, *, now: datetime, limit: int) -> tuple[int, list[Location]]:
        """See ``AttachmentIndex``."""
        async with self._database.transaction() as connection:
            rows = await self._database.write("lock_expired", micros(now), limit, on=connection)
            return await self._drop([AttachmentId(row[0]) for row in rows], connection)

    async def out_of_use(self, locations: Sequence[Location]) -> list[Location]:
        """See ``AttachmentIndex``."""
        return _locations(await self._database.read("out_of_use", list(locations)))

    async def _drop(
        self, attachments: Sequence[AttachmentId], connection: Connection
    ) -> tuple[int, list[Location]]:
        """Forget attachments that are locked: how many, and what is out of use now."""
        write = self._database.write
        dropped = await write("drop_attachments", attachments, on=connection)
        arriving = [Location(row[0]) for row in dropped if row[1] is None]
        contents = [row[1] for row in dropped if row[1] is not None]
        await write("lock_attached_contents", contents, on=connection)
        free = await write("drop_attached_contents", contents, on=connection)
        return len(dropped), [*arriving, *_locations(free)]


async def refer(
    database: Database, connection: Connection, message: Row, attachments: Sequence[AttachmentId]
) -> None:
    """Let a message that is being accepted refer to attachments.

    Args:
        database: The database.
        connection: With the transaction that accepts it.
        message: Its number, tenant and caller.
        attachments: Each once.

    Raises:
        AttachmentUnusableError: One is gone, or not of the message's caller.
    """
    rows = await database.write("add_references", *message, list(attachments), on=connection)
    if len(rows) != len(attachments):
        raise AttachmentUnusableError("An attachment went while the call was checked.")


def _locations(rows: Sequence[Row]) -> list[Location]:
    return [Location(row[0]) for row in rows]
