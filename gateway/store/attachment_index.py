"""Which attachments there are, in the SQLite database of the messages.

Kept out: their bytes (``attachment_files``, ``attachment_bucket``).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Protocol, TypeVar

import apsw

from gateway.errors import AttachmentUnusableError
from gateway.messaging.attachment import (
    ArrivingAttachment,
    Attachment,
    AttachmentId,
    Content,
    Location,
)
from gateway.messaging.message import Message, MessageId
from gateway.store.attachment_rows import announced_row, attachment_in
from gateway.store.queries import load_queries
from gateway.store.rows import Row, micros

T = TypeVar("T")


class Database(Protocol):
    """The store that the index is part of."""

    async def look(self, read: Callable[[apsw.Connection], T]) -> T:
        """Read."""
        ...

    async def change(self, change: Callable[[apsw.Connection], T]) -> T:
        """Carry out a change in a transaction; durable on return, or undone."""
        ...


class SqliteAttachmentIndex:
    """An ``AttachmentIndex`` on the database of a ``SqliteStore``, which must be open."""

    def __init__(self, store: Database) -> None:
        self._store = store

    async def announce(self, attachment: ArrivingAttachment) -> None:
        """See ``AttachmentIndex``."""
        await self._store.change(partial(_announce, attachment))

    async def complete(self, attachment: ArrivingAttachment, content: Content) -> Attachment | None:
        """See ``AttachmentIndex``."""
        return await self._store.change(partial(_complete, attachment, content))

    async def attachment(self, attachment_id: AttachmentId) -> Attachment | None:
        """See ``AttachmentIndex``."""
        return await self._store.look(partial(_attachment, attachment_id))

    async def attachments_of(self, message_id: MessageId) -> list[Attachment]:
        """See ``AttachmentIndex``."""
        return await self._store.look(partial(_attachments_of, message_id))

    async def discard(self, attachment_id: AttachmentId) -> list[Location] | None:
        """See ``AttachmentIndex``."""
        return await self._store.change(partial(_discard, attachment_id))

    async def discard_expired(self, *, now: datetime, limit: int) -> tuple[int, list[Location]]:
        """See ``AttachmentIndex``."""
        return await self._store.change(partial(_discard_expired, now, limit))

    async def out_of_use(self, locations: Sequence[Location]) -> list[Location]:
        """See ``AttachmentIndex``."""
        return await self._store.look(partial(_out_of_use, locations))


def refer(
    connection: apsw.Connection, number: int, message: Message, attachments: Sequence[AttachmentId]
) -> None:
    """Let a message that is being accepted refer to attachments.

    Args:
        connection: The one that writes; a transaction has begun.
        number: Of the message in its table.
        message: The message.
        attachments: Each once.

    Raises:
        AttachmentUnusableError: One is gone, or not of the message's caller.
    """
    for attachment_id in attachments:
        row = (attachment_id, message.tenant, message.caller)
        if connection.execute(_queries()["may_refer"], row).fetchone() is None:
            raise AttachmentUnusableError("An attachment went while the call was checked.")
        connection.execute(_queries()["add_reference"], (number, attachment_id))


@cache
def _queries() -> Mapping[str, str]:
    return load_queries()


def _announce(attachment: ArrivingAttachment, connection: apsw.Connection) -> None:
    connection.execute(_queries()["announce_attachment"], announced_row(attachment))


def _complete(
    attachment: ArrivingAttachment, content: Content, connection: apsw.Connection
) -> Attachment | None:
    if connection.execute(_queries()["is_arriving"], (attachment.id,)).fetchone() is None:
        return None
    key = (attachment.tenant, content.digest)
    row = (*key, content.sha256, content.size_bytes, attachment.location)
    connection.execute(_queries()["add_attached_content"], row)
    connection.execute(_queries()["complete_attachment"], (*key, attachment.id))
    return _attachment(attachment.id, connection)


def _attachment(attachment_id: AttachmentId, connection: apsw.Connection) -> Attachment | None:
    row = connection.execute(_queries()["attachment"], (attachment_id,)).fetchone()
    return None if row is None else attachment_in(row)


def _attachments_of(message_id: MessageId, connection: apsw.Connection) -> list[Attachment]:
    rows = connection.execute(_queries()["attachments_of"], (message_id,))
    return [attachment_in(row) for row in rows]


def _discard(attachment_id: AttachmentId, connection: apsw.Connection) -> list[Location] | None:
    if connection.execute(_queries()["is_referenced"], (attachment_id,)).fetchone() is not None:
        return None
    return _drop(attachment_id, connection)


def _discard_expired(
    now: datetime, limit: int, connection: apsw.Connection
) -> tuple[int, list[Location]]:
    rows = connection.execute(_queries()["expired_attachments"], (micros(now), limit)).fetchall()
    expired = [AttachmentId(str(found)) for (found,) in rows]
    return len(expired), [location for found in expired for location in _drop(found, connection)]


def _drop(attachment_id: AttachmentId, connection: apsw.Connection) -> list[Location]:
    run, queries = connection.execute, _queries()
    locations: list[Location] = []
    for (content,) in run(queries["drop_attachment"], (attachment_id,)).fetchall():
        if content is None:
            locations.append(Location(attachment_id))
        else:
            locations += _locations(run(queries["drop_attached_content"], (content,)).fetchall())
    return locations


def _out_of_use(locations: Sequence[Location], connection: apsw.Connection) -> list[Location]:
    return _locations(connection.execute(_queries()["out_of_use"], (json.dumps(locations),)))


def _locations(rows: Iterable[Row]) -> list[Location]:
    return [Location(location) for (location,) in rows]
