"""Step 5: make a message durable, in one transaction. Only then is anyone told.

Pattern: Guaranteed Delivery.
"""

from datetime import datetime, timedelta

from gateway.flow.call import Call
from gateway.flow.check import Checked
from gateway.flow.events import Event, record
from gateway.flow.fault_points import FaultPoint
from gateway.flow.journey import Journey
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, Stage
from gateway.messaging.operation import Operation, OperationKind


def waiting_time(call: Call, operation: Operation) -> timedelta | None:
    """How long the caller waits; None: it does not."""
    if call.respond_async:
        return None
    return operation.deadline if call.wait is None else min(call.wait, operation.deadline)


def new_message(call: Call, checked: Checked, *, now: datetime, begins: bool) -> Message:
    """The message that a checked call becomes.

    Args:
        call: What the caller sent.
        checked: What became of it.
        now: When it is accepted.
        begins: Whether its first attempt begins with the acceptance; the caller waits for it.
    """
    operation = checked.operation
    return Message(
        id=checked.message_id,
        tenant=call.caller.tenant,
        caller=call.caller.name,
        operation=operation.name,
        operation_version=operation.version,
        kind=operation.kind,
        repeatable=operation.repeatable,
        authority=checked.authority,
        channel=checked.lane.channel.name,
        state=State.DELIVERING if begins else State.ACCEPTED,
        accepted_at=now,
        deadline_at=checked.lane.channel.reachable(now + time_to_deliver(call, operation)),
        next_attempt_at=None if begins else now,
        test=call.test,
        attempts=1 if begins else 0,
        purpose=call.purpose,
        case_reference=call.case_reference,
        traceparent=call.traceparent,
    )


async def accept(journey: Journey, message: Message, checked: Checked) -> tuple[Stage, Stage]:
    """Store message, stages and first history entries; durable on return.

    Returns:
        The canonical request and the wire request, as stored.

    Raises:
        StoreUnavailableError: Nothing was accepted.
        KeyTakenError: Its idempotency key belongs to another message; nothing was accepted.
    """
    entries = [Entry(at=message.accepted_at, event=Event.ACCEPTED, state=State.ACCEPTED)]
    if message.attempts:
        started = Event.DELIVERY_STARTED
        entries.append(Entry(at=message.accepted_at, event=started, state=message.state, attempt=1))
    journey.hit(FaultPoint.ACCEPT_BEFORE_COMMIT)
    stored = await journey.store.accept(
        message, checked.stages, entries, claim=checked.claim, terms=checked.terms
    )
    journey.hit(FaultPoint.ACCEPT_AFTER_COMMIT)
    for entry in entries:
        record(entry.event, stored)
    journey.witness.accepted(stored)
    return checked.stages


def time_to_deliver(call: Call, operation: Operation) -> timedelta:
    """A query is worth sending only while its caller waits; all else is ours to deliver."""
    wait = waiting_time(call, operation)
    if wait is not None and operation.kind is OperationKind.QUERY:
        return wait
    return operation.async_deadline
