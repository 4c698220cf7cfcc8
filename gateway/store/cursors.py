"""Cursors of lists: where a page ended, opaque to callers, safe in a URL."""

import base64
import binascii
from datetime import datetime

from gateway.errors import HeaderInvalidError
from gateway.store.rows import micros

END_OF_TIME = 2**62
"""Later than any time in the database, in microseconds."""


def new_cursor(at: int, identity: str) -> str:
    """The cursor of the page that begins after an entry.

    Args:
        at: Time of the entry, in microseconds.
        identity: What tells it from others of the same time.
    """
    return base64.urlsafe_b64encode(f"{at}:{identity}".encode()).decode("ascii").rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """Time and identity of the entry that a page ended with.

    Raises:
        HeaderInvalidError: This is no cursor of this store.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        at, _, identity = base64.b64decode(padded, b"-_", validate=True).decode().partition(":")
        return int(at), identity
    except (binascii.Error, ValueError):
        raise HeaderInvalidError(
            "The cursor is not one that this gateway gave out; start again without it."
        ) from None


def bound(moment: datetime | None, default: int) -> int:
    """A time that restricts a list, in microseconds."""
    return default if moment is None else micros(moment)
