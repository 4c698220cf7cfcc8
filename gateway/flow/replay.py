"""What somebody decides about a message that the gateway leaves alone: replay, cancel, resolve.

A replay is a new attempt of the same message, with the same id, so that an authority that knows the
message can tell; with the same bytes, unless they were made anew (``retranslate``). Kept out: who
may say so (``desk``), and many at a time (``replay_many``).
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from gateway.errors import ContentErasedError, OutcomeUnknownError
from gateway.flow.events import Event
from gateway.flow.journey import Journey
from gateway.flow.order import give_up
from gateway.flow.pump import Pump
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, Stage, StageKind
from gateway.messaging.ports import Step

UNDELIVERED = frozenset({State.DEAD})
"""States from which a replay does no harm: the authority refused the message, or never had it."""

DOUBTFUL = frozenset({State.IN_DOUBT, State.UNANSWERED})
"""States from which it does none only if the authority says that it does not have the message."""

WAITING = frozenset({State.ACCEPTED, State.RETRYING})
"""States in which nothing is on its way."""


async def replay(
    journey: Journey,
    pump: Pump,
    message: Message,
    *,
    time_to_deliver: timedelta,
    not_taken: bool = False,
    why: str | None = None,
) -> Message:
    """Let the pump deliver a message that rests once more.

    Args:
        journey: Store, clock and waiters.
        pump: Delivers it.
        message: The message.
        time_to_deliver: From now to its new deadline.
        not_taken: Whether the authority was asked and does not have it.
        why: A sentence for the history; None: there is nothing to add.

    Raises:
        TransitionConflictError: It rests in no state from which it may be sent again.
        ContentErasedError: Its time is over: there is nothing left to send.
        MessageCorrectedError: Its corrected copy, or its original, may have arrived.
    """
    await _require_content(journey, message)
    step = replay_step(
        journey,
        message,
        time_to_deliver=time_to_deliver,
        not_taken=not_taken,
        why=why,
    )
    return await carry_out(journey, pump, step)


def replay_step(
    journey: Journey,
    message: Message,
    *,
    time_to_deliver: timedelta,
    not_taken: bool = False,
    stages: Sequence[Stage] = (),
    why: str | None = None,
) -> Step:
    """The step that lets the pump deliver a message once more.

    Args:
        journey: Clock and gates of channels.
        message: The message.
        time_to_deliver: From now to its new deadline.
        not_taken: As for ``replay``.
        stages: Content that was made anew; what it replaces is kept.
        why: As for ``replay``.
    """
    now = journey.clock.now()
    asked = "The authority was asked and does not have it." if not_taken else None
    map_version = stages[-1].map_version if stages else None
    anew = None if map_version is None else f"Translated again with {map_version}."
    return Step(
        message_id=message.id,
        start=UNDELIVERED | DOUBTFUL if not_taken else UNDELIVERED,
        entry=Entry(
            at=now,
            event=Event.REPLAYED,
            state=State.ACCEPTED,
            detail=" ".join(filter(None, (asked, anew, why))) or None,
        ),
        next_attempt_at=now,
        deadline_at=journey.gates.reachable(message.channel, now + time_to_deliver),
        stages=stages,
        keeps_earlier=bool(stages),
    )


async def carry_out(journey: Journey, pump: Pump, step: Step) -> Message:
    """Take the step of a replay and wake the pump; raises as ``replay``."""
    moved = await journey.move(step)
    pump.wake(moved.channel)
    return moved


async def _require_content(journey: Journey, message: Message) -> None:
    if message.state not in UNDELIVERED | DOUBTFUL:
        return  # it will not be sent anyway
    if await journey.store.stage(message.id, StageKind.WIRE_REQUEST) is None:
        raise ContentErasedError(
            "The content of the message is not kept any more.", message_id=message.id
        )


async def cancel(journey: Journey, message: Message) -> Message:
    """Withdraw a message of which nothing is on its way.

    Raises:
        TransitionConflictError: It is on its way, or has settled.
    """
    may_be_there = message.code == OutcomeUnknownError.code
    entry = Entry(
        at=journey.clock.now(),
        event=Event.CANCELLED,
        state=State.CANCELLED,
        detail="An earlier attempt may have reached the authority." if may_be_there else None,
    )
    return await journey.move(Step(message_id=message.id, start=WAITING, entry=entry))


class Finding(StrEnum):
    """What somebody found out about a message in doubt."""

    TAKEN = "taken"
    GIVEN_UP = "given-up"


async def resolve(
    journey: Journey, message: Message, finding: Finding, *, time_to_answer: timedelta
) -> Message:
    """End the doubt about a message without sending it.

    Args:
        journey: Store, clock and waiters.
        message: A message in doubt; one that others of its order wait for may be given up wherever
            it rests.
        finding: The authority has it and answers later, or nobody asks any more.
        time_to_answer: From now until an answer is overdue.

    Raises:
        TransitionConflictError: It is not in doubt.
    """
    if finding is Finding.GIVEN_UP and message.in_line:
        return await give_up(journey, message)
    now = journey.clock.now()
    taken = finding is Finding.TAKEN
    step = Step(
        message_id=message.id,
        start=frozenset({State.IN_DOUBT}),
        entry=Entry(
            at=now,
            event=Event.RESOLVED,
            state=State.AWAITING_ANSWER if taken else State.DEAD,
            code=None if taken else OutcomeUnknownError.code,
            detail="The authority was asked and has it." if taken else "It was given up.",
        ),
        deadline_at=now + time_to_answer if taken else None,
    )
    return await journey.move(step)
