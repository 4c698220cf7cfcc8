"""Lists of messages: from a filter and a cursor to the statement that answers them.

Kept out: running it (``sqlite``).
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime

from gateway.errors import HeaderInvalidError
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import MessageFilter
from gateway.store.rows import micros

RESTING = frozenset({State.INVALID, State.DEAD, State.IN_DOUBT, State.UNANSWERED})
"""States that wait for an operator; an index of their own lists them."""

_END_OF_TIME = 2**62


def statement_for(wanted: MessageFilter) -> str:
    """The name of the statement whose index fits the filter best."""
    if wanted.states and wanted.states <= RESTING:
        return "find_resting"
    if wanted.tenant is not None and wanted.caller is not None:
        return "find_of_caller"
    return "find"


def bindings_for(
    wanted: MessageFilter, *, limit: int, before: str | None
) -> Mapping[str, int | str | None]:
    """The values of the statement's parameters.

    Raises:
        HeaderInvalidError: ``before`` is no cursor of this store.
    """
    before_at, before_id = (_END_OF_TIME, "") if before is None else _read_cursor(before)
    return {
        "before_at": before_at,
        "before_id": before_id,
        "since": _bound(wanted.since, -_END_OF_TIME),
        "until": _bound(wanted.until, _END_OF_TIME),
        "tenant": wanted.tenant,
        "caller": wanted.caller,
        "states": json.dumps(sorted(wanted.states)) if wanted.states else None,
        "operation": wanted.operation,
        "authority": wanted.authority,
        "limit": limit,
    }


def cursor_after(message: Message) -> str:
    """The cursor of the page that begins after this message; opaque, safe in a URL."""
    text = f"{micros(message.accepted_at)}:{message.id}"
    return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def _read_cursor(cursor: str) -> tuple[int, str]:
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        at, _, message_id = base64.b64decode(padded, b"-_", validate=True).decode().partition(":")
        return int(at), message_id
    except (binascii.Error, ValueError):
        raise HeaderInvalidError(
            "The cursor is not one that this gateway gave out; start again without it."
        ) from None


def _bound(moment: datetime | None, default: int) -> int:
    return default if moment is None else micros(moment)
