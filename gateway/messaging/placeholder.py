"""What stands in a wire form where the content of an attachment goes.

Base64 of a fixed word and the attachment's id: a valid ``xs:base64Binary`` of a length of its own,
so that wire schemas take it, and maps write and read it like any value. Kept out: which attachments
a message may refer to (``gateway.flow.attach``) and what fills the place (``gateway.flow.fill``).
"""

import re
from base64 import b64decode, b64encode

from gateway.messaging.attachment import AttachmentId

_WORD = b"urn:agency-gateway:attachment:"  # its length is a multiple of 3: base64 never changes

MARKER = b64encode(_WORD)
"""What every placeholder begins with."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ID_CHARACTERS = 36
_PLACEHOLDER = re.compile(re.escape(MARKER) + rb"[A-Za-z0-9+/]{48}")

PLACEHOLDER_BYTES = len(b64encode(_WORD + bytes(_ID_CHARACTERS)))
"""Length of every placeholder."""


def is_attachment_id(text: str) -> bool:
    """Whether a text has the form of an attachment's id: a UUID in lower case."""
    return _ID.fullmatch(text) is not None


def placeholder_of(attachment_id: str) -> str:
    """The placeholder of an attachment; the id must be one."""
    return b64encode(_WORD + attachment_id.encode("ascii")).decode("ascii")


def attachment_of(text: str) -> AttachmentId | None:
    """The attachment that a text stands for; None: it is no placeholder."""
    if not text.startswith(MARKER.decode("ascii")) or len(text) != PLACEHOLDER_BYTES:
        return None
    try:
        found = b64decode(text, validate=True)[len(_WORD) :].decode("ascii")
    except ValueError:
        return None
    return AttachmentId(found) if is_attachment_id(found) else None


def split_at_placeholders(body: bytes) -> list[bytes | AttachmentId]:
    """The bytes between placeholders, and the attachments that they stand for, in order."""
    parts: list[bytes | AttachmentId] = []
    end = 0
    for found in _PLACEHOLDER.finditer(body):
        attachment_id = attachment_of(found.group().decode("ascii"))
        if attachment_id is not None:
            parts += [body[end : found.start()], attachment_id]
            end = found.end()
    return [*parts, body[end:]]
