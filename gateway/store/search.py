"""Lists of messages: from a filter and a cursor to the statement that answers them.

Kept out: running it (``sqlite``).
"""

import json
from collections.abc import Mapping

from gateway.messaging.causes import RESTING
from gateway.messaging.lifecycle import MOVING, State
from gateway.messaging.message import Message
from gateway.messaging.ports import MessageFilter
from gateway.store.cursors import END_OF_TIME, bound, new_cursor, read_cursor
from gateway.store.rows import micros

GIVEN_UP = frozenset({State.EXPIRED, State.CANCELLED})
"""Final states without an answer; an index of their own lists them, for they are few."""

_OF_STATES = {RESTING: "find_resting", MOVING: "find_open", GIVEN_UP: "find_given_up"}


def statement_for(wanted: MessageFilter) -> str:
    """The name of the statement whose index fits the filter best: the fewest messages first."""
    if wanted.waiting:
        return "find_waiting"
    if wanted.case_reference is not None:
        return "find_of_case"
    for states, statement in _OF_STATES.items():
        if wanted.states and wanted.states <= states:
            return statement
    if wanted.authority is not None:
        return "find_of_authority"
    if wanted.tenant is not None and wanted.caller is not None:
        return "find_of_caller"
    return "find"


def bindings_for(
    wanted: MessageFilter, *, limit: int, before: str | None
) -> Mapping[str, int | str | None]:
    """The values of the statement's parameters.

    Raises:
        ParameterInvalidError: ``before`` is no cursor of this store.
    """
    before_at, before_id = (END_OF_TIME, "") if before is None else read_cursor(before)
    return {
        "before_at": before_at,
        "before_id": before_id,
        "since": bound(wanted.since, -END_OF_TIME),
        "until": bound(wanted.until, END_OF_TIME),
        "tenant": wanted.tenant,
        "caller": wanted.caller,
        "states": json.dumps(sorted(wanted.states)) if wanted.states else None,
        "operation": wanted.operation,
        "authority": wanted.authority,
        "case_reference": wanted.case_reference,
        "channel": wanted.channel,
        "code": wanted.code,
        "limit": limit,
    }


def cursor_after(message: Message) -> str:
    """The cursor of the page that begins after this message."""
    return new_cursor(micros(message.accepted_at), message.id)
