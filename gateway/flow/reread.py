"""Read the kept bytes of an unreadable answer once more: its map was corrected, nothing is sent."""

from collections.abc import Mapping

from gateway.errors import ContentErasedError, TransitionConflictError
from gateway.flow.answer import understand_answer
from gateway.flow.directory import Lane
from gateway.flow.events import Event
from gateway.flow.journey import Journey
from gateway.flow.seen_numbers import note_numbers
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, StageKind
from gateway.messaging.ports import Step, WireAnswer


async def reread(journey: Journey, lanes: Mapping[str, Lane], message: Message) -> Message:
    """Settle an ``invalid`` message with the answer that can be read now.

    Raises:
        TransitionConflictError: The message is not ``invalid``.
        ContentErasedError: The bytes are not kept any more.
        AnswerUnreadableError: The bytes still cannot be read; nothing has changed.
    """
    if message.state is not State.INVALID:
        raise TransitionConflictError(
            f"Message {message.id} is {message.state}; only an invalid one is read again."
        )
    step = await reread_step(journey, lanes, message)
    return await journey.move(step, answer=step.stages[-1].body)


async def reread_step(
    journey: Journey, lanes: Mapping[str, Lane], message: Message, *, why: str | None = None
) -> Step:
    """The step that settles an ``invalid`` message; its last stage is the canonical answer.

    Args:
        journey: Store, clock and workers.
        lanes: Channels by name.
        message: The message.
        why: A sentence for the history; None: there is nothing to add.

    Raises:
        AnswerUnreadableError: As ``reread``.
    """
    kept = await journey.store.stage(message.id, StageKind.WIRE_ANSWER)
    if kept is None:
        raise ContentErasedError("The bytes of the answer are not kept any more.")
    lane = lanes.get(message.channel)
    answer = WireAnswer(body=kept.body, content_type=kept.media_type)
    understood = await understand_answer(journey, lane, message, answer)
    if understood.numbers:
        await note_numbers(journey, message, understood.numbers)
    return Step(
        message_id=message.id,
        start=frozenset({State.INVALID}),
        entry=Entry(at=journey.clock.now(), event=Event.REREAD, state=State.ANSWERED, detail=why),
        outcome=understood.outcome,
        stages=understood.stages,
    )
