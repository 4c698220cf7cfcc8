"""Cursors of lists: where a page ended, opaque to callers, safe in a URL."""

import base64
import binascii
import re
from datetime import datetime

from gateway.errors import ParameterInvalidError, Place
from gateway.store.rows import micros

_FORM = re.compile(r"(-?[0-9]{1,19}):(.*)", re.DOTALL)

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
        ParameterInvalidError: This is no cursor of this store.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        text = base64.b64decode(padded, b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise unknown_cursor() from None
    found = _FORM.fullmatch(text)
    # A larger number would not fit into the database.
    if found is None or abs(int(found[1])) > END_OF_TIME:
        raise unknown_cursor()
    return int(found[1]), found[2]


def unknown_cursor() -> ParameterInvalidError:
    """The error of a cursor that no list gave out."""
    place = Place(keyword="cursor", detail="cursor: not one that this gateway gave out.")
    return ParameterInvalidError("The cursor cannot be read; start without it.", places=[place])


def bound(moment: datetime | None, default: int) -> int:
    """A time that restricts a list, in microseconds."""
    return default if moment is None else micros(moment)
