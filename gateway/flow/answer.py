"""Step 7: read what the authority said.

A registry's rejection is an answer with outcome ``rejected``. What cannot be read is kept as bytes.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from gateway.errors import (
    AnswerUnreadableError,
    MalformedBodyError,
    NotExpressibleError,
    Place,
    SchemaViolationError,
    WorkerUnavailableError,
)
from gateway.flow.directory import Directory, Exchange, Lane, Read
from gateway.flow.events import Event
from gateway.flow.journey import Journey
from gateway.flow.pointers import value_at
from gateway.flow.seen_numbers import note_numbers, numbers_of
from gateway.flow.stages import answer_stages, kept_bytes
from gateway.flow.turns import let_others_go_first
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import AttemptResult, Message, MessageId, Stage
from gateway.messaging.ports import Receipt, Step, WireAnswer
from gateway.messaging.sequence import SeenNumber

READINGS = 2
"""How often a large answer is read, if its worker ends meanwhile: once more may help."""

_DELIVERING = frozenset({State.DELIVERING})
_PLACES_IN_TEXT = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """What an answer says, as it is stored; it can leave the process that read it.

    Attributes:
        stages: The answer and what was made of it; the canonical document is the last one.
        outcome: What the authority said.
        numbers: Those of sequences that it carries.
    """

    stages: tuple[Stage, ...]
    outcome: Outcome
    numbers: tuple[SeenNumber, ...] = ()


async def take_answer(
    journey: Journey, lane: Lane, message: Message, answer: WireAnswer
) -> Message:
    """Read an answer and settle its message: ``answered``, or ``invalid`` with the bytes kept."""
    await let_others_go_first()
    try:
        understood = await understand_answer(journey, lane, message, answer)
    except AnswerUnreadableError as error:
        invalid = _unreadable(journey, message, answer, error)
        return await journey.end_attempt(invalid, places=error.places)
    if understood.numbers:
        await note_numbers(journey, message, understood.numbers)
    await let_others_go_first()
    step = Step(
        message_id=message.id,
        start=_DELIVERING,
        entry=Entry(
            at=journey.clock.now(),
            event=Event.ANSWERED,
            state=State.ANSWERED,
            attempt=message.attempts,
        ),
        outcome=understood.outcome,
        ends_attempt=AttemptResult.ANSWERED,
        stages=understood.stages,
    )
    return await journey.end_attempt(step, answer=understood.stages[-1].body)


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


async def understand_answer(
    journey: Journey, lane: Lane | None, message: Message, answer: WireAnswer
) -> Understood:
    """Read an answer, in a worker if it is large.

    Raises:
        AnswerUnreadableError: As ``read_answer``, or its worker ended each time.
    """
    workers, key = journey.workers, message.operation_key
    if lane is None or workers is None or not workers.takes(len(answer.body)):
        exchange = None if lane is None else lane.exchanges.get(key)
        return understand(exchange, answer, message.id)
    work = partial(
        understand_there, answer=answer, channel=message.channel, key=key, message_id=message.id
    )
    for _ in range(READINGS):
        # It came and cannot be asked for again, so it goes before all requests.
        with suppress(WorkerUnavailableError):
            return await workers.run(work, size_bytes=len(answer.body), urgent=True)
    raise AnswerUnreadableError(
        f"The answer has {len(answer.body)} bytes, and the process that read it ended each time."
    )


def understand_there(
    directory: Directory, answer: WireAnswer, *, channel: str, key: str, message_id: MessageId
) -> Understood:
    """Read an answer in a worker; raises as ``read_answer``."""
    return understand(directory.lanes[channel].exchanges.get(key), answer, message_id)


def understand(exchange: Exchange | None, answer: WireAnswer, message_id: MessageId) -> Understood:
    """Read an answer and print what is stored of it; raises as ``read_answer``."""
    read = read_answer(exchange, answer, message_id)
    return Understood(
        stages=answer_stages(answer, read), outcome=outcome_of(read), numbers=numbers_of(read)
    )


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
