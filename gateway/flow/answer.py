"""Step 7: read what the authority said.

A registry's rejection is an answer with outcome ``rejected``. What cannot be read is kept as bytes.
"""

from gateway.errors import (
    AnswerUnreadableError,
    MalformedBodyError,
    NotExpressibleError,
    Place,
    SchemaViolationError,
)
from gateway.flow.check import value_at
from gateway.flow.directory import Exchange, Lane, Read
from gateway.flow.events import Event
from gateway.flow.journey import Journey
from gateway.flow.stages import answer_stages, kept_bytes
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import AttemptResult, Message, MessageId
from gateway.messaging.ports import Receipt, Step, WireAnswer

_DELIVERING = frozenset({State.DELIVERING})
_PLACES_IN_TEXT = 3


async def take_answer(
    journey: Journey, lane: Lane, message: Message, answer: WireAnswer
) -> Message:
    """Read an answer and settle its message: ``answered``, or ``invalid`` with the bytes kept."""
    exchange = lane.exchanges.get(message.operation_key)
    try:
        read = read_answer(exchange, answer, message.id)
    except AnswerUnreadableError as error:
        invalid = _unreadable(journey, message, answer, error)
        return await journey.end_attempt(invalid, places=error.places)
    stages = answer_stages(answer, read)
    step = Step(
        message_id=message.id,
        start=_DELIVERING,
        entry=Entry(
            at=journey.clock.now(),
            event=Event.ANSWERED,
            state=State.ANSWERED,
            attempt=message.attempts,
        ),
        outcome=outcome_of(read),
        ends_attempt=AttemptResult.ANSWERED,
        stages=stages,
    )
    return await journey.end_attempt(step, answer=stages[-1].body)


async def take_receipt(journey: Journey, message: Message, receipt: Receipt) -> Message:
    """The authority answers later: the message awaits that until its deadline."""
    detail = None if receipt.reference is None else "The authority gave a reference of its own."
    entry = Entry(
        at=journey.clock.now(),
        event=Event.RECEIPT_TAKEN,
        state=State.AWAITING_ANSWER,
        attempt=message.attempts,
        detail=detail,
    )
    step = Step(
        message_id=message.id,
        start=_DELIVERING,
        entry=entry,
        ends_attempt=AttemptResult.RECEIPT,
    )
    return await journey.end_attempt(step)


def read_answer(exchange: Exchange | None, answer: WireAnswer, message_id: MessageId) -> Read:
    """Translate an answer and check that it belongs to the message.

    Raises:
        AnswerUnreadableError: It cannot be read, breaks a schema, or answers another message.
    """
    if exchange is None:
        raise AnswerUnreadableError("No map reads the answers of this operation any more.")
    if not answer.is_whole:
        detail = f"Longer than is taken; the first {len(answer.body)} bytes are kept."
        raise AnswerUnreadableError(
            "The authority's answer is too long.", places=[Place(keyword="size", detail=detail)]
        )
    try:
        read = exchange.read_answer(answer.body)
    except (MalformedBodyError, SchemaViolationError, NotExpressibleError) as error:
        raise AnswerUnreadableError(
            f"The authority's answer cannot be read ({error.code}).", places=error.places
        ) from None
    _require_correlation(read, message_id)
    return read


def outcome_of(read: Read) -> Outcome:
    """What the authority said."""
    rejected = read.reading.document.get("outcome") == Outcome.REJECTED
    return Outcome.REJECTED if rejected else Outcome.ANSWERED


def _require_correlation(read: Read, message_id: MessageId) -> None:
    """What the answer says it answers must be this message, where it says so at all."""
    foreign = [
        Place(keyword="correlation", detail="Names another message.", pointer=pointer)
        for pointer in read.map.correlates
        if value_at(read.reading.document, pointer) not in (None, message_id)
    ]
    if foreign:
        raise AnswerUnreadableError("The answer belongs to another message.", places=foreign)


def _unreadable(
    journey: Journey, message: Message, answer: WireAnswer, error: AnswerUnreadableError
) -> Step:
    entry = Entry(
        at=journey.clock.now(),
        event=Event.INVALID,
        state=State.INVALID,
        attempt=message.attempts,
        code=error.code,
        detail=_named(error),
    )
    return Step(
        message_id=message.id,
        start=_DELIVERING,
        entry=entry,
        ends_attempt=AttemptResult.UNREADABLE,
        stages=(kept_bytes(answer.body, answer.content_type),),
    )


def _named(error: AnswerUnreadableError) -> str:
    """The fault and its first places in one line, for the history."""
    places = [str(place) for place in error.places[:_PLACES_IN_TEXT]]
    more = len(error.places) - len(places)
    return " ".join([error.detail, *places, *([f"And {more} more."] if more else [])])
