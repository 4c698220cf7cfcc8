"""Message Expiration: what happens when the time is over.

A query nobody waits for expires. A submission that never left expires too; one that may have
reached the authority is a dead letter, and one that was receipted stays unanswered.
"""

from gateway.errors import (
    AuthorityBusyError,
    MessageExpiredError,
    NotSentError,
    PeerUntrustedError,
    TransitionConflictError,
)
from gateway.flow.events import RESTS_AS
from gateway.flow.journey import Journey
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import MOVING, State
from gateway.messaging.message import Message, MessageId
from gateway.messaging.operation import OperationKind
from gateway.messaging.ports import Step

_NOT_SENT = frozenset(kind.code for kind in (NotSentError, AuthorityBusyError, PeerUntrustedError))
BATCH = 100
"""Overdue messages settled at a time."""


async def expire_query(journey: Journey, message_id: MessageId) -> None:
    """Its caller waits no longer: nothing is sent later. One that settled meanwhile is left.

    An attempt in flight goes on; what it brings becomes an event (``Journey.end_attempt``).
    """
    entry = Entry(
        at=journey.clock.now(),
        event=RESTS_AS[State.EXPIRED],
        state=State.EXPIRED,
        code=MessageExpiredError.code,
        detail="The caller waits no longer.",
    )
    try:
        await journey.move(Step(message_id=message_id, start=MOVING, entry=entry))
    except TransitionConflictError:
        return  # settled meanwhile, or not accepted yet: whoever does that tells the caller


async def expire_overdue(journey: Journey) -> None:
    """Settle every message whose deadline is over and which no attempt is under way for."""
    while True:
        now = journey.clock.now()
        overdue = await journey.store.past_deadline(now=now, limit=BATCH)
        for message in overdue:
            await _settle(journey, message)
        if len(overdue) < BATCH:
            return


async def _settle(journey: Journey, message: Message) -> None:
    state = _rests_in(message)
    entry = Entry(
        at=journey.clock.now(),
        event=RESTS_AS[state],
        state=state,
        code=MessageExpiredError.code,
        detail="The deadline is over.",
    )
    step = Step(message_id=message.id, start=frozenset({message.state}), entry=entry)
    try:
        await journey.move(step)
    except TransitionConflictError:
        return  # its caller gave up in the same moment


def _rests_in(message: Message) -> State:
    if message.kind is OperationKind.QUERY or message.state is State.ACCEPTED:
        return State.EXPIRED
    if message.state is State.AWAITING_ANSWER:
        return State.UNANSWERED
    never_left = message.code in _NOT_SENT and message.attempts == 1
    return State.EXPIRED if never_left else State.DEAD
