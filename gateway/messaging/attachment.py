"""Attachments: content that documents refer to by id, kept beside the messages. Values only."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

AttachmentId = NewType("AttachmentId", str)
"""UUID in lower case; random, so that nobody guesses one."""

Location = NewType("Location", str)
"""Name that bytes are kept under: given once and never again, whatever becomes of the bytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivingAttachment:
    """An attachment whose bytes are on their way.

    Attributes:
        id: Its id; its bytes, if they are needed, go to the location of the same name.
        tenant: Owner of its caller.
        caller: Who sends it; nobody else may read it or refer to it.
        media_type: As announced, without parameters, lower case.
        file_name: As announced; None: none was.
        created_at: When its first byte came; aware, UTC.
        expires_at: When it goes, unless a message refers to it by then.
    """

    id: AttachmentId
    tenant: str
    caller: str
    media_type: str
    file_name: str | None
    created_at: datetime
    expires_at: datetime

    @property
    def location(self) -> Location:
        """Where its own bytes go."""
        return Location(self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment(ArrivingAttachment):
    """An attachment that is kept whole.

    Attributes:
        size_bytes: Length of its content.
        sha256: SHA-256 of its content, 32 bytes.
        kept_at: Where the content is: at its own location, or at that of an earlier attachment
            of the same tenant with the same content.
        is_referenced: Whether a message refers to it; it does not expire then.
    """

    size_bytes: int
    sha256: bytes
    kept_at: Location
    is_referenced: bool = False

    def is_expired(self, now: datetime) -> bool:
        """Whether it may go."""
        return not self.is_referenced and self.expires_at <= now


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What came of the bytes of an attachment.

    Attributes:
        size_bytes: Their number.
        sha256: Their SHA-256, 32 bytes.
        digest: HMAC of it with the key of the tenant, 32 bytes: the same for equal content of one
            tenant, and no hint at the content of another.
    """

    size_bytes: int
    sha256: bytes
    digest: bytes
