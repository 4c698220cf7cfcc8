"""Messages, steps and entries for the tests of stores; every argument has a harmless default."""

import dataclasses
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId, Stage, StageKind
from gateway.messaging.operation import OperationKind
from gateway.messaging.ports import MessageStore, Step

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
REQUEST = Stage(
    kind=StageKind.CANONICAL_REQUEST, body=b'{"who":"\xc3\xa4"}', media_type="application/json"
)
WIRE = Stage(
    kind=StageKind.WIRE_REQUEST,
    body=b"<a/>\x00",
    media_type="application/xml",
    map_version="xmeld/person-search@1",
    wire_schema="official:00",
    ledger=b"[]",
)
ANSWER = Stage(kind=StageKind.WIRE_ANSWER, body=b"<b/>", media_type="application/xml")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_message(**changes: Any) -> Message:
    message = Message(
        id=MessageId(str(uuid.uuid4())),
        tenant="default",
        caller="city",
        operation="residents/search",
        operation_version=1,
        kind=OperationKind.QUERY,
        repeatable=True,
        authority="ags:09162000",
        channel="munich",
        state=State.ACCEPTED,
        accepted_at=NOW,
        deadline_at=later(30),
        next_attempt_at=NOW,
    )
    return dataclasses.replace(message, **changes)


def a_waiting_message(**changes: Any) -> Message:
    return a_message(**{"state": State.DELIVERING, "next_attempt_at": None, **changes})


def entry_of(state: State, **changes: Any) -> Entry:
    return dataclasses.replace(Entry(at=later(1), event=f"message.{state}", state=state), **changes)


def a_step(message: Message, state: State, **changes: Any) -> Step:
    step = Step(message_id=message.id, start=frozenset({message.state}), entry=entry_of(state))
    return dataclasses.replace(step, **changes)


async def stored(
    store: MessageStore, message: Message, stages: Sequence[Stage] = (REQUEST, WIRE)
) -> Message:
    """Accept the message; return it as the store must give it back."""
    entry = Entry(at=message.accepted_at, event="message.accepted", state=message.state)
    await store.accept(message, stages, [entry])
    return dataclasses.replace(message, attempts=1 if message.state is State.DELIVERING else 0)
