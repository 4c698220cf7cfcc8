"""An answer that comes on its own: after a receipt, or when nobody expected it any more.

It settles a message that waits for it. Of a settled one it is an event and a stage, never a
transition; what answers an expired query is not kept. Kept out: fetching such answers, and finding
the message they belong to (transports that pick answers up).
"""

from contextlib import suppress

from gateway.errors import AnswerUnreadableError
from gateway.flow.answer import understand_answer
from gateway.flow.directory import Lane
from gateway.flow.events import Event
from gateway.flow.journey import Journey
from gateway.flow.seen_numbers import note_numbers
from gateway.flow.stages import kept_bytes, later_answer
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import Step, WireAnswer

WAITING = frozenset({State.AWAITING_ANSWER, State.UNANSWERED, State.IN_DOUBT})
"""States that an answer ends."""


async def take_later_answer(
    journey: Journey, lane: Lane | None, message: Message, answer: WireAnswer
) -> Message:
    """Take an answer that no attempt waits for.

    Args:
        journey: Store, clock and waiters.
        lane: The message's channel; None: it is not there any more.
        message: The message that the answer belongs to.
        answer: What came.

    Returns:
        The message: ``answered``, ``invalid`` if it awaited the answer and that cannot be read, or
        in the state it was in.

    Raises:
        TransitionConflictError: The message moved on in the same moment; take the answer again.
    """
    if message.state not in WAITING:
        await note_unread(journey, lane, message, answer)
        return await journey.move(_noted(journey, message, answer, None))
    try:
        understood = await understand_answer(journey, lane, message, answer)
    except AnswerUnreadableError as error:
        return await journey.move(_unreadable(journey, message, answer, error), places=error.places)
    if understood.numbers:
        await note_numbers(journey, message, understood.numbers)
    step = Step(
        message_id=message.id,
        start=frozenset({message.state}),
        entry=Entry(at=journey.clock.now(), event=Event.ANSWERED, state=State.ANSWERED),
        outcome=understood.outcome,
        stages=understood.stages,
    )
    return await journey.move(step, answer=understood.stages[-1].body)


async def note_unread(
    journey: Journey, lane: Lane | None, message: Message, answer: WireAnswer
) -> None:
    """Read the numbers of an answer that nobody reads; one that cannot be read has none."""
    exchange = None if lane is None else lane.exchanges.get(message.operation_key)
    if exchange is None or not exchange.answer_numbers:
        return
    with suppress(AnswerUnreadableError):
        understood = await understand_answer(journey, lane, message, answer)
        await note_numbers(journey, message, understood.numbers)


def _unreadable(
    journey: Journey, message: Message, answer: WireAnswer, error: AnswerUnreadableError
) -> Step:
    if message.state is not State.AWAITING_ANSWER:
        return _noted(journey, message, answer, error.code)
    entry = Entry(at=journey.clock.now(), event=Event.INVALID, state=State.INVALID, code=error.code)
    return Step(
        message_id=message.id,
        start=frozenset({State.AWAITING_ANSWER}),
        entry=entry,
        stages=(kept_bytes(answer.body, answer.content_type),),
    )


def _noted(journey: Journey, message: Message, answer: WireAnswer, code: str | None) -> Step:
    discarded = message.state is State.EXPIRED
    entry = Entry(
        at=journey.clock.now(),
        event=Event.ANSWER_LATE,
        state=message.state,
        code=code,
        detail="Its content was discarded." if discarded else None,
    )
    return Step(
        message_id=message.id,
        start=frozenset({message.state}),
        entry=entry,
        stages=() if discarded else (later_answer(answer.body, answer.content_type),),
    )
