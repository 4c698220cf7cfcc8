"""After a start, or the death of another process: attempts that were cut off count as sent.

Source: the promise of ``Transport.exchange``; whether it began is not known, so it did.
"""

import contextlib

from gateway.errors import OutcomeUnknownError, TransitionConflictError
from gateway.flow.events import RESTS_AS, Event
from gateway.flow.journey import Journey
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message
from gateway.messaging.ports import Step
from gateway.messaging.retry import Retry, after_interruption


async def recover(journey: Journey) -> list[Message]:
    """Repeat every interrupted attempt that does no harm twice; leave the others in doubt.

    Call it before anything is delivered; where the store is shared with other processes, also
    later, for the attempts of those that died.

    Returns:
        The messages that were taken over.
    """
    recovered = []
    for message in await journey.store.interrupted():
        # Another process may be doing the same.
        with contextlib.suppress(TransitionConflictError):
            recovered.append(await journey.move(_step(journey, message)))
    return recovered


def _step(journey: Journey, message: Message) -> Step:
    now = journey.clock.now()
    follows = after_interruption(message, now=now)
    again = isinstance(follows, Retry)
    state = State.RETRYING if isinstance(follows, Retry) else follows.state
    return Step(
        message_id=message.id,
        start=frozenset({State.DELIVERING}),
        entry=Entry(
            at=now,
            event=Event.DELIVERY_INTERRUPTED if again else RESTS_AS[state],
            state=state,
            attempt=message.attempts,
            code=OutcomeUnknownError.code,
            detail="The gateway stopped during this attempt.",
        ),
        next_attempt_at=follows.at if isinstance(follows, Retry) else None,
        ends_attempt=AttemptResult.INTERRUPTED,
    )
