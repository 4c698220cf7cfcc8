"""Tell callers that would wait in vain: nothing leaves through their channel, or the gateway stops.

A query ends at once and is never sent; of anything else the gateway takes care, and says so.
Messages on their way are left alone. Kept out: why nothing leaves (``gate``).
"""

from gateway.errors import StoreUnavailableError, TransitionConflictError
from gateway.flow.call import Pending
from gateway.flow.events import RESTS_AS
from gateway.flow.gate import Hold
from gateway.flow.journey import Journey
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.operation import OperationKind
from gateway.messaging.ports import Step

WAITING = frozenset({State.ACCEPTED, State.RETRYING})
"""States in which nothing is on its way."""


async def dismiss(journey: Journey, channel: str, hold: Hold) -> None:
    """Tell everybody who waits for a message of the channel that is not on its way.

    Args:
        journey: Store, clock and waiters.
        channel: Name of the channel.
        hold: Why nothing leaves through it.
    """
    for message_id in journey.waiting.untold(channel):
        message = await journey.store.get(message_id)
        if message is None or message.state not in WAITING:
            continue
        if message.kind is OperationKind.QUERY:
            await _expire(journey, message, hold)
        else:
            journey.waiting.tell(Pending(message=message))


async def dismiss_all(journey: Journey) -> None:
    """Tell whoever still waits that the message is kept and goes on after the next start."""
    for message_id in journey.waiting.untold():
        message = await journey.store.get(message_id)
        if message is None:
            gone = StoreUnavailableError("The gateway stopped; nothing was accepted.")
            journey.waiting.refuse(message_id, gone)
        else:
            journey.waiting.tell(Pending(message=message))


async def _expire(journey: Journey, message: Message, hold: Hold) -> None:
    entry = Entry(
        at=journey.clock.now(),
        event=RESTS_AS[State.EXPIRED],
        state=State.EXPIRED,
        code=hold.kind.code,
        detail=hold.detail,
    )
    try:
        await journey.move(Step(message_id=message.id, start=WAITING, entry=entry))
    except TransitionConflictError:
        return  # it is on its way after all, or has settled: whoever does that tells the caller
