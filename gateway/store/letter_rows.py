"""Between rows and the values of dead letters: causes, replays of many and their messages.

Kept out: statements (``queries_letters.sql``) and when they run (``letters``).
"""

import json
from collections.abc import Mapping
from datetime import timedelta

from gateway.messaging.causes import Cause
from gateway.messaging.message import MessageId
from gateway.messaging.ports import MessageFilter
from gateway.messaging.replays import (
    Choice,
    Chosen,
    Item,
    ItemResult,
    Mode,
    Replay,
    ReplayId,
    ReplayState,
    Verb,
)
from gateway.store.rows import STATES, Row, micros, micros_or_none, moment, moment_or_none
from gateway.store.search import bindings_for

RESTRICTING = (
    "since",
    "until",
    "tenant",
    "caller",
    "states",
    "operation",
    "authority",
    "case_reference",
    "channel",
    "code",
)
"""Parameters of statements about many messages."""

_MICROSECOND = timedelta(microseconds=1)


def cause_of(row: Row) -> Cause:
    """The cause in a row of ``causes``."""
    state, operation, channel, code, count, oldest, newest = row
    return Cause(
        state=STATES[state],
        operation=operation,
        channel=channel,
        code=code,
        count=count,
        oldest_at=moment(oldest),
        newest_at=moment(newest),
    )


def choice_bindings(choice: Choice, *, limit: int) -> Mapping[str, int | str | None]:
    """The values of ``choose``."""
    return {
        **bindings_for(choice.wanted, limit=limit, before=None),
        "ids": ids_argument(choice),
    }


def ids_argument(choice: Choice) -> str | None:
    """The ids of a choice as JSON; None: any."""
    return None if choice.ids is None else json.dumps(sorted(choice.ids))


def filter_arguments(wanted: MessageFilter) -> tuple[int | str | None, ...]:
    """What a filter restricts, without page and limit, in the order of ``bindings_for``."""
    restricting = bindings_for(wanted, limit=0, before=None)
    return tuple(restricting[name] for name in RESTRICTING)


def chosen_of(row: Row) -> Chosen:
    """The message in a row of ``choose``."""
    return Chosen(message_id=MessageId(row[0]), event_count=row[1])


def item_of(row: Row) -> Item:
    """The message in a row of ``replay_items``."""
    position, message_id, result, code = row
    return Item(
        position=position,
        message_id=MessageId(message_id),
        result=None if result is None else ItemResult(result),
        code=code,
    )


def replay_row(replay: Replay) -> tuple[str | int | None, ...]:
    """The values of ``begin_replay``."""
    return (
        replay.id,
        replay.tenant,
        replay.caller,
        replay.verb,
        replay.mode,
        replay.not_taken,
        replay.pause // _MICROSECOND,
        replay.state,
        micros(replay.created_at),
        micros(replay.next_at),
        micros_or_none(replay.ended_at),
        replay.chosen,
        replay.handled,
    )


def replay_of(row: Row, results: Mapping[ItemResult, int] | None = None) -> Replay:
    """The replay in a row of the table ``replays``."""
    return Replay(
        id=ReplayId(row[1]),
        tenant=row[2],
        caller=row[3],
        verb=Verb(row[4]),
        mode=Mode(row[5]),
        not_taken=bool(row[6]),
        pause=row[7] * _MICROSECOND,
        state=ReplayState(row[8]),
        created_at=moment(row[9]),
        next_at=moment(row[10]),
        ended_at=moment_or_none(row[11]),
        chosen=row[12],
        handled=row[13],
        results=results or {},
    )
