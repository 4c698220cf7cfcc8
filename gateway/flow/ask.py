"""One call from its check to what its caller is told.

The delivery is a task of the pump; this coroutine only waits. Where it is cancelled, because the
caller hung up or the server stops, the message goes on.
"""

from datetime import datetime, timedelta

from gateway.flow.accept import accept, new_message, waiting_time
from gateway.flow.call import Call, Pending, Settled
from gateway.flow.check import Checked
from gateway.flow.expire import expire_query
from gateway.flow.fault_points import FaultPoint
from gateway.flow.journey import Journey
from gateway.flow.pump import Pump
from gateway.flow.wait import Result, is_told
from gateway.messaging.message import Message
from gateway.messaging.operation import OperationKind


async def ask(
    journey: Journey, pump: Pump, call: Call, checked: Checked, *, now: datetime
) -> Settled | Pending:
    """Accept a checked call and wait as long as its caller does.

    Returns:
        ``Settled`` when the gateway will do nothing more with the message, else ``Pending``.

    Raises:
        ChannelHeldError: It is a query, and nothing leaves now; nothing was accepted.
        StoreUnavailableError: Nothing was accepted, or a query's end could not be stored; it is
            not sent again either way.
        KeyTakenError: Its idempotency key was claimed in the same moment; nothing was accepted.
        MessageRefusedError: Attachments that it refers to are not there, or cannot be sent.
    """
    if journey.attachments is not None and journey.attachments.concern(checked):
        checked = await journey.attachments.attach(call.caller, checked)
    wait = waiting_time(call, checked.operation)
    hold = journey.gates.hold(checked.lane.channel.name)
    if hold is not None and wait is not None:
        if checked.operation.kind is OperationKind.QUERY:
            raise hold.error(now)
        wait = None  # the caller would wait in vain
    # Terms decide in the transaction when, and with which bytes, the first attempt begins.
    at_once = wait is not None and checked.terms is None
    begins = at_once and pump.has_room(checked.lane.channel.name)
    message = new_message(call, checked, now=now, begins=begins)
    if wait is None:
        await _hand_over(journey, pump, message, checked)
        told: Settled | Pending = Pending(message=message)
    else:
        told = await _wait(journey, pump, message, checked, wait=wait)
    journey.hit(FaultPoint.ASK_BEFORE_RESPONSE)
    return told


async def _wait(
    journey: Journey, pump: Pump, message: Message, checked: Checked, *, wait: timedelta
) -> Settled | Pending:
    result = journey.waiting.open(message.id, message.channel)
    try:
        if message.attempts:
            pump.begin(message, checked)
        else:
            await _hand_over(journey, pump, message, checked)
        if not await is_told(result, wait.total_seconds()):
            await _give_up(journey, message, result)
        return await result
    finally:
        journey.waiting.close(message.id, result)


async def _hand_over(journey: Journey, pump: Pump, message: Message, checked: Checked) -> None:
    """Accept a message that the pump delivers when it is its turn."""
    try:
        _, wire = await accept(journey, message, checked)
        if checked.terms is None:  # else it may wait long, or be stored with other bytes
            pump.fresh.keep(message, wire)
    finally:
        # Also when this task is cancelled while the store commits: the message may be there.
        pump.wake(message.channel)


async def _give_up(journey: Journey, message: Message, result: Result) -> None:
    """The wait is over: a query expires, anything else goes on without its caller."""
    if message.kind is OperationKind.QUERY:
        await expire_query(journey, message.id)
        return
    present = await journey.store.get(message.id)
    if present is not None and not result.done():
        result.set_result(Pending(message=present))
