"""Between values and rows: the order of columns, and times as integer microseconds.

Kept out: statements (``queries.sql``) and when they run (``transactions``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.messaging.condition import Queue
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claimed, Scope
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import (
    Attempt,
    AttemptResult,
    HistoryEvent,
    Message,
    MessageId,
    Stage,
    StageKind,
)
from gateway.messaging.operation import OperationKind

Row = Sequence[Any]
"""Values in the order of the statement's columns."""

# Where a move looks into a row of the table `messages`.
NUMBER, STATE, DEADLINE_AT, NEXT_ATTEMPT_AT = 0, 10, 15, 16
ORDER_KEY, PLACE, TIME_TO_DELIVER = 25, 26, 27

PLAIN = (None, None, None, None)
"""The last columns of a message that declares no order and is not erased."""

# Four times as fast as calling the enumeration, which the hot path does for every message.
STATES = {state.value: state for state in State}
_KINDS = {kind.value: kind for kind in OperationKind}
_OUTCOMES: dict[str | None, Outcome | None] = {
    None: None,
    **{outcome.value: outcome for outcome in Outcome},
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC; ``moment`` is aware."""
    return (moment - _EPOCH) // _MICROSECOND


def micros_or_none(moment: datetime | None) -> int | None:
    """The same, where a time may be missing."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """The aware UTC time of a stored number."""
    return _EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    """The same, where a time may be missing."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def new_message_row(message: Message, *, event_count: int, head_hash: bytes) -> Row:
    """The values of ``accept_message``; a message that is on its way has begun attempt 1."""
    return (
        message.id,
        message.tenant,
        message.caller,
        message.operation,
        message.operation_version,
        message.kind,
        message.repeatable,
        message.authority,
        message.channel,
        message.state,
        message.outcome,
        message.test,
        micros(message.accepted_at),
        micros_or_none(message.settled_at),
        micros(message.deadline_at),
        micros_or_none(message.next_attempt_at),
        1 if message.state is State.DELIVERING else 0,
        message.code,
        message.purpose,
        message.case_reference,
        message.traceparent,
        event_count,
        head_hash,
    )


def message_of(row: Row) -> Message:
    """The message in a row of the table ``messages``."""
    return Message(
        id=MessageId(row[1]),
        tenant=row[2],
        caller=row[3],
        operation=row[4],
        operation_version=row[5],
        kind=_KINDS[row[6]],
        repeatable=bool(row[7]),
        authority=row[8],
        channel=row[9],
        state=STATES[row[10]],
        outcome=_OUTCOMES[row[11]],
        test=bool(row[12]),
        accepted_at=moment(row[13]),
        settled_at=moment_or_none(row[14]),
        deadline_at=moment(row[15]),
        next_attempt_at=moment_or_none(row[16]),
        attempts=row[17],
        code=row[18],
        purpose=row[19],
        case_reference=row[20],
        traceparent=row[21],
        in_line=None if row[ORDER_KEY] is None else row[PLACE] is not None,
    )


def scope_row(scope: Scope) -> tuple[str, str, str, str]:
    """The columns that an idempotency key is unique in."""
    return scope.tenant, scope.caller, scope.operation, scope.key


def claimed_of(row: Row) -> Claimed:
    """The key in a row of ``claimed``."""
    return Claimed(fingerprint=row[0], message=message_of(row[1:]))


def event_row(message_number: int, number: int, entry: Entry, digest: bytes) -> Row:
    """The values of ``add_event``."""
    return (
        message_number,
        number,
        micros(entry.at),
        entry.event,
        entry.state,
        entry.attempt,
        entry.code,
        entry.detail,
        digest,
    )


def event_of(row: Row) -> HistoryEvent:
    """The event in a row of ``history``."""
    number, at, event, state, attempt, code, detail, digest = row
    return HistoryEvent(
        number=number,
        at=moment(at),
        event=event,
        state=State(state),
        attempt=attempt,
        code=code,
        detail=detail,
        hash=digest,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PiecedStage(Stage):
    """A stage whose body is empty here and lies in pieces under ``content``."""

    content: int


def stage_row(message_number: int, stage: Stage) -> Row:
    """The values of ``put_stage``."""
    return (
        message_number,
        stage.kind,
        stage.media_type,
        stage.map_version,
        stage.wire_schema,
        stage.ledger,
        stage.body,
        stage.content if isinstance(stage, PiecedStage) else None,
    )


def stage_of(row: Row) -> Stage:
    """The stage in a row of ``stage``, without the number of its content."""
    kind, body, media_type, map_version, wire_schema, ledger = row
    return Stage(
        kind=StageKind(kind),
        body=body,
        media_type=media_type,
        map_version=map_version,
        wire_schema=wire_schema,
        ledger=ledger,
    )


def queue_of(row: Row) -> Queue:
    """The queue in a row of ``queues``."""
    channel, waiting, due_since = row
    return Queue(channel=channel, waiting=waiting, due_since=moment(due_since))


def attempt_of(row: Row) -> Attempt:
    """The attempt in a row of ``attempts``."""
    number, started_at, ended_at, result, code = row
    return Attempt(
        number=number,
        started_at=moment(started_at),
        ended_at=moment_or_none(ended_at),
        result=None if result is None else AttemptResult(result),
        code=code,
    )
