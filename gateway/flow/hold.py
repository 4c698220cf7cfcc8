"""After a restore: nothing is sent that may have been sent since the backup was taken.

A backup knows a message as waiting that the gateway may have delivered a moment later. Sent again,
a query does no harm; anything else could, so it rests in doubt until somebody has asked the
authority. Kept out: attempts that a crash cut off (``gateway.flow.recover``), which the next start
finds among the restored messages too.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping

from gateway.errors import OutcomeUnknownError
from gateway.flow.events import RESTS_AS, Event
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import MOVING, State
from gateway.messaging.message import AttemptResult, Message
from gateway.messaging.ports import Clock, MessageFilter, MessageStore, Step
from gateway.messaging.replays import ReplayStore

PAGE = 500
"""Messages that are moved at a time, so that many share one commit."""

DETAIL = "Restored from a backup; it may have been sent after the backup was taken."


async def hold_back(store: MessageStore, clock: Clock) -> Mapping[State, int]:
    """Let every message that moves go on only where sending it again does no harm.

    What may not be repeated takes the way of an attempt that was cut off: it counts as sent, and
    rests as ``in_doubt``. All others keep their state. Each gets an event that says so. Call it
    once, on a store that no gateway uses.

    Returns:
        Messages by the state they are in now; only those that moved when the backup was taken.
    """
    counts: Counter[State] = Counter()
    before: str | None = None
    while True:
        page, before = await store.find(MessageFilter(states=MOVING), limit=PAGE, before=before)
        async with asyncio.TaskGroup() as group:
            held = [group.create_task(_hold(store, clock, message)) for message in page]
        counts.update(task.result() for task in held)
        if before is None:
            return counts


async def stop_replays(store: ReplayStore, clock: Clock) -> None:
    """End replays of many that ran when the backup was taken: they have gone on since.

    Call it where ``hold_back`` is called.
    """
    for replay in await store.running_replays():
        await store.stop_replay(replay.id, at=clock.now())


async def _hold(store: MessageStore, clock: Clock, message: Message) -> State:
    if message.repeatable or message.state is State.AWAITING_ANSWER:
        return (await store.advance(_note(message, clock, message.state))).state
    sent = await store.advance(_note(message, clock, State.DELIVERING))
    return (await store.advance(_doubt(sent, clock))).state


def _note(message: Message, clock: Clock, state: State) -> Step:
    """Say where the message comes from; into ``delivering``, it counts as sent from now on."""
    begins = state is not message.state
    return Step(
        message_id=message.id,
        start=frozenset({message.state}),
        entry=Entry(
            at=clock.now(),
            event=Event.RESTORED,
            state=state,
            attempt=message.attempts + 1 if begins else None,
            detail=DETAIL,
        ),
        begins_attempt=begins,
    )


def _doubt(message: Message, clock: Clock) -> Step:
    return Step(
        message_id=message.id,
        start=frozenset({State.DELIVERING}),
        entry=Entry(
            at=clock.now(),
            event=RESTS_AS[State.IN_DOUBT],
            state=State.IN_DOUBT,
            attempt=message.attempts,
            code=OutcomeUnknownError.code,
            detail=DETAIL,
        ),
        ends_attempt=AttemptResult.INTERRUPTED,
    )
