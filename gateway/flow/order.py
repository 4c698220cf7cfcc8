"""Order per key: what a message is ordered by, what follows when a line moves, giving a place up.

A key is one caller's: another one neither waits behind its messages nor learns of them. Kept out:
the lines themselves, which the store keeps with the messages (``gateway.messaging.order``).
"""

import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from gateway.errors import OutcomeUnknownError, Place
from gateway.flow.call import Call
from gateway.flow.check import Checked, Permitted
from gateway.flow.events import Event, record
from gateway.flow.fingerprint import canonical_form
from gateway.flow.journey import Journey
from gateway.flow.pointers import value_at
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.order import GIVEN_UP_FROM
from gateway.messaging.ports import Step
from gateway.translation.schema_view import SchemaView

_PURPOSE = b"order\n"
"""Keeps these digests apart from others made with the same secret."""


def order_key(call: Call, permitted: Permitted, authority: str, *, key: bytes) -> bytes | None:
    """The digest of what a message is ordered by: HMAC-SHA-256, 32 bytes.

    It covers tenant, caller, operation in whichever version, recipient and the values that the
    contract names, so that nobody who reads it can try persons until one fits.

    Args:
        call: The call.
        permitted: Its operation and document.
        authority: The recipient.
        key: The secret of the store.

    Returns:
        None where the contract declares no order, or the document has none of its values.
    """
    order = permitted.operation.order
    if order is None:
        return None
    values = [value_at(permitted.document, pointer) for pointer in order]
    if order and all(value is None for value in values):
        return None
    line = [call.caller.tenant, call.caller.name, permitted.operation.name, authority]
    said = _PURPOSE + orjson.dumps(line) + b"\n" + canonical_form(values)
    return hmac.digest(key, said, "sha256")


def with_order(
    check: Callable[[], Checked], call: Call, permitted: Permitted, *, key: bytes
) -> Checked:
    """Complete a check, and say what the message is ordered by; arguments as ``order_key``."""
    checked = check()
    return checked.under(order_key=order_key(call, permitted, checked.authority, key=key))


def order_faults(
    operations: Mapping[str, Operation], schema_of: Callable[[str], Any]
) -> list[Place]:
    """Orders that cannot be kept: a pointer that leads nowhere would order nothing, in silence.

    Args:
        operations: By key.
        schema_of: The JSON Schema of an operation's request, by its key.
    """
    return [
        place
        for key, operation in operations.items()
        if operation.order is not None
        for place in _faults(operation, SchemaView(schema_of(key)))
    ]


def _faults(operation: Operation, schema: SchemaView) -> Iterator[Place]:
    if operation.kind is OperationKind.QUERY:
        detail = "A query changes nothing; only submissions and notifications have an order."
        yield Place(keyword="order", detail=detail, rule=operation.key)
    for pointer in operation.order or ():
        if not schema.has(pointer):
            detail = "`order` names a field that the request's schema does not have."
            yield Place(keyword="order", detail=detail, pointer=pointer, rule=operation.key)


async def give_up(journey: Journey, message: Message) -> Message:
    """Let a message that rests give up its place, so that others of its key go on.

    It is never sent again by the gateway: behind newer ones it could undo them.

    Raises:
        TransitionConflictError: It does not rest any more.
    """
    doubtful = message.state is State.IN_DOUBT
    entry = Entry(
        at=journey.clock.now(),
        event=Event.GIVEN_UP,
        state=State.DEAD if doubtful else message.state,
        code=OutcomeUnknownError.code if doubtful else None,
        detail="It gave up its place in the order.",
    )
    start = frozenset({message.state}) & GIVEN_UP_FROM
    return await journey.move(
        Step(message_id=message.id, start=start, entry=entry, leaves_line=True)
    )


class LineWatch:
    """A ``Witness`` that wakes the pump when a line goes on, and logs what holds one up."""

    def __init__(self, wake: Callable[[str], None]) -> None:
        self._wake = wake

    def accepted(self, message: Message) -> None:
        """See ``Witness``."""
        if message.waits_in_line:
            record(Event.WAITS, message)

    def moved(self, step: Step, message: Message) -> None:
        """See ``Witness``."""
        if message.in_line is None:
            return
        if not message.in_line:
            self._wake(message.channel)  # the next one's turn may have come
        elif message.state in GIVEN_UP_FROM and message.state not in step.start:
            record(Event.HELD_UP, message)

    def exchanged(self, message: Message, *, seconds: float) -> None:
        """See ``Witness``; says nothing about order."""

    def answered(self, message: Message, *, authority_seconds: float) -> None:
        """See ``Witness``; ``moved`` told so already."""
