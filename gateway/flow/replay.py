"""What somebody decides about a message that the gateway leaves alone: replay, cancel, resolve.

A replay is a new attempt of the same message, with the same bytes and the same id, so that an
authority that knows the message can tell. Kept out: who may say so (``desk``).
"""

from datetime import timedelta
from enum import StrEnum

from gateway.errors import OutcomeUnknownError
from gateway.flow.events import Event
from gateway.flow.journey import Journey
from gateway.flow.pump import Pump
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
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
) -> Message:
    """Let the pump deliver a message that rests once more.

    Args:
        journey: Store, clock and waiters.
        pump: Delivers it.
        message: The message.
        time_to_deliver: From now to its new deadline.
        not_taken: Whether the authority was asked and does not have it.

    Raises:
        TransitionConflictError: It rests in no state from which it may be sent again.
    """
    now = journey.clock.now()
    step = Step(
        message_id=message.id,
        start=UNDELIVERED | DOUBTFUL if not_taken else UNDELIVERED,
        entry=Entry(
            at=now,
            event=Event.REPLAYED,
            state=State.ACCEPTED,
            detail="The authority was asked and does not have it." if not_taken else None,
        ),
        next_attempt_at=now,
        deadline_at=journey.gates.reachable(message.channel, now + time_to_deliver),
    )
    moved = await journey.move(step)
    pump.wake(moved.channel)
    return moved


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
        message: A message in doubt.
        finding: The authority has it and answers later, or nobody asks any more.
        time_to_answer: From now until an answer is overdue.

    Raises:
        TransitionConflictError: It is not in doubt.
    """
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
