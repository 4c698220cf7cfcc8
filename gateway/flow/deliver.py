"""Step 6: one attempt to hand a message over, and what follows when it fails.

What follows decides ``gateway.messaging.retry``; this module carries it out.
"""

from datetime import datetime, timedelta
from time import perf_counter

from gateway.errors import (
    AuthorityRefusedError,
    DeliveryError,
    NotSentError,
)
from gateway.flow.answer import take_answer, take_receipt
from gateway.flow.directory import Lane
from gateway.flow.events import RESTS_AS, Event
from gateway.flow.fault_points import FaultPoint
from gateway.flow.journey import Journey
from gateway.flow.stages import kept_bytes
from gateway.messaging.channel import RetryPolicy
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message, Stage, StageKind
from gateway.messaging.placeholder import MARKER
from gateway.messaging.ports import Receipt, Step, Transport, WireAnswer, WireMessage
from gateway.messaging.retry import Retry, Settle, after_failure
from gateway.messaging.streamed import StreamedMessage, StreamingTransport

_DELIVERING = frozenset({State.DELIVERING})


async def deliver(
    journey: Journey, lane: Lane, message: Message, *, wire: Stage | None = None
) -> Message:
    """Make one attempt and carry out what follows from its result.

    Args:
        journey: Store, clock and waiters.
        lane: The message's channel.
        message: In state ``delivering``; ``attempts`` counts this attempt.
        wire: Its wire form; None: read from the store.

    Returns:
        The message after the attempt.
    """
    try:
        outgoing = _outgoing(message, wire or await _stored(journey, message))
        journey.hit(FaultPoint.DELIVER_BEFORE_EXCHANGE)
        _require_life(journey)
        result, seconds = await _exchange(journey, lane, message, outgoing)
    except DeliveryError as failure:
        journey.hit(FaultPoint.DELIVER_AFTER_FAILURE)
        return await fail(journey, lane.channel.retry, message, failure)
    journey.hit(FaultPoint.DELIVER_AFTER_ANSWER)
    if isinstance(result, Receipt):
        return await take_receipt(journey, message, result)
    answered = await take_answer(journey, lane, message, result)
    journey.witness.answered(answered, authority_seconds=seconds)
    return answered


async def fail(
    journey: Journey, policy: RetryPolicy, message: Message, failure: DeliveryError
) -> Message:
    """Plan the next attempt after a failed one, or let the message rest."""
    now = journey.clock.now()
    follows = after_failure(
        failure,
        message,
        now=now,
        policy=policy,
        chance=journey.chance(),
        outage_until=journey.gates.outage_until(message.channel),
    )
    step = Step(
        message_id=message.id,
        start=_DELIVERING,
        entry=Entry(
            at=now,
            event=_event(follows),
            state=State.RETRYING if isinstance(follows, Retry) else follows.state,
            attempt=message.attempts,
            code=failure.code,
            detail=failure.detail,
        ),
        next_attempt_at=follows.at if isinstance(follows, Retry) else None,
        ends_attempt=_result(failure),
        stages=_said(failure),
    )
    return await journey.end_attempt(step)


def _require_life(journey: Journey) -> None:
    """Send nothing that another process may have taken over: it would be sent twice."""
    if journey.peers is not None and not journey.peers.may_send():
        raise NotSentError("This process was away for so long that others take it for dead.")


async def _exchange(
    journey: Journey, lane: Lane, message: Message, outgoing: WireMessage
) -> tuple[WireAnswer | Receipt, float]:
    """What the authority said, and how many seconds it took."""
    streamed = None
    if journey.attachments is not None and MARKER in outgoing.body:
        streamed = await journey.attachments.fill(outgoing)
    deadline = _attempt_deadline(journey, lane, message)
    began = perf_counter()
    try:
        if streamed is None:
            result = await lane.transport.exchange(outgoing, deadline=deadline)
        else:
            result = await _stream(lane.transport, streamed, deadline)
    except DeliveryError as failure:
        lasted = timedelta(seconds=perf_counter() - began)
        journey.gates.ended(message, failure, cut_short=_cut_short(journey, lane, message, lasted))
        raise
    finally:
        seconds = perf_counter() - began
        journey.witness.exchanged(message, seconds=seconds)
    journey.gates.ended(message)
    return result, seconds


async def _stream(
    transport: Transport, outgoing: StreamedMessage, deadline: datetime
) -> WireAnswer | Receipt:
    if not isinstance(transport, StreamingTransport):
        # The channel was given another transport since the message was accepted.
        raise NotSentError("Nothing was sent: the channel's transport carries no attachments.")
    return await transport.exchange_stream(outgoing, deadline=deadline)


def _cut_short(journey: Journey, lane: Lane, message: Message, lasted: timedelta) -> bool:
    """Whether the message's time was over so soon that a silent authority may be well."""
    return journey.clock.now() >= message.deadline_at and lasted < lane.channel.timeout / 2


def _attempt_deadline(journey: Journey, lane: Lane, message: Message) -> datetime:
    return min(message.deadline_at, journey.clock.now() + lane.channel.timeout)


async def _stored(journey: Journey, message: Message) -> Stage:
    stage = await journey.store.stage(message.id, StageKind.WIRE_REQUEST)
    if stage is None:
        raise NotSentError("The message's wire form is not kept any more.")
    return stage


def _outgoing(message: Message, wire: Stage) -> WireMessage:
    return WireMessage(message_id=message.id, body=wire.body, content_type=wire.media_type)


def _event(follows: Retry | Settle) -> Event:
    return Event.DELIVERY_FAILED if isinstance(follows, Retry) else RESTS_AS[follows.state]


def _result(failure: DeliveryError) -> AttemptResult:
    if isinstance(failure, NotSentError):
        return AttemptResult.NOT_SENT
    if isinstance(failure, AuthorityRefusedError):
        return AttemptResult.REFUSED
    return AttemptResult.OUTCOME_UNKNOWN


def _said(failure: DeliveryError) -> tuple[Stage, ...]:
    """What came back all the same, as bytes; what a later attempt brings replaces it."""
    return (kept_bytes(failure.body, None),) if failure.body else ()
