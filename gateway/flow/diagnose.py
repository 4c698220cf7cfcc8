"""All that helps to decide about one message, in one look. Reads and tries; changes nothing.

Kept out: what a code means and whose fault it is (``gateway.errors``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.errors import GatewayError, Place
from gateway.flow.directory import Directory
from gateway.flow.journey import Journey
from gateway.flow.reread import reread_step
from gateway.flow.retranslate import retranslate
from gateway.messaging.corrections import CorrectionStore, EarlierStage
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Attempt, HistoryEvent, Message, MessageId
from gateway.messaging.party import Caller


class Action(StrEnum):
    """What can be done with a message."""

    CANCEL = "cancel"
    REPLAY = "replay"
    RESOLVE = "resolve"
    REREAD = "reread"
    CORRECT = "correct"


ACTIONS: dict[State, tuple[Action, ...]] = {
    State.ACCEPTED: (Action.CANCEL,),
    State.RETRYING: (Action.CANCEL,),
    State.DEAD: (Action.REPLAY, Action.CORRECT),
    State.IN_DOUBT: (Action.RESOLVE, Action.REPLAY, Action.CORRECT),
    State.INVALID: (Action.REREAD,),
    State.UNANSWERED: (Action.REPLAY,),
}
"""What can be done in each state, the most likely first; in all others nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """Whether an action would do what it should, found out by trying.

    Attributes:
        action: ``reread`` of an unreadable answer, ``replay`` of a translated request.
        code: Public code of why it would fail; None: it would not.
        places: Where the document is wrong, without its content.
    """

    action: Action
    code: str | None = None
    places: Sequence[Place] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """Another message of the same family, and where it is."""

    id: MessageId
    state: State


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """One message, and what is known about its trouble.

    Attributes:
        message: The message.
        resting: Since when it rests; None while it moves.
        failure: The last event with a code; None if nothing failed.
        attempts: Every delivery, oldest first.
        actions: What can be done with it.
        trial: Whether that would help; None where nothing can be tried.
        corrects: The message it is a corrected copy of.
        corrected_by: Its own corrected copies, the oldest first.
        earlier: Forms of its content that were made anew.
    """

    message: Message
    resting: timedelta | None
    failure: HistoryEvent | None
    attempts: Sequence[Attempt]
    actions: Sequence[Action]
    trial: Trial | None
    corrects: Related | None
    corrected_by: Sequence[Related]
    earlier: Sequence[EarlierStage]


async def diagnose(
    journey: Journey,
    directory: Directory,
    store: CorrectionStore,
    caller: Caller,
    message: Message,
) -> Diagnosis:
    """Look at a message of the caller."""
    relations = await store.relations(message.id)
    history = await journey.store.history(message.id)
    failures = [event for event in history if event.code is not None]
    return Diagnosis(
        message=message,
        resting=None if message.settled_at is None else journey.clock.now() - message.settled_at,
        failure=failures[-1] if failures else None,
        attempts=await journey.store.attempts(message.id),
        actions=ACTIONS.get(message.state, ()),
        trial=await _try(journey, directory, caller, message),
        corrects=await _related(journey, relations.corrects),
        corrected_by=[
            related
            for copy in relations.corrected_by
            if (related := await _related(journey, copy)) is not None
        ],
        earlier=await store.earlier_stages(message.id),
    )


async def _related(journey: Journey, message_id: MessageId | None) -> Related | None:
    message = None if message_id is None else await journey.store.get(message_id)
    return None if message is None else Related(id=message.id, state=message.state)


async def _try(
    journey: Journey, directory: Directory, caller: Caller, message: Message
) -> Trial | None:
    action = Action.REREAD if message.state is State.INVALID else Action.REPLAY
    try:
        if message.state is State.INVALID:
            await reread_step(journey, directory.lanes, message)
        elif message.state is State.DEAD:
            await retranslate(journey, directory, caller, message)
        else:
            return None
    except GatewayError as error:
        return Trial(action=action, code=error.code, places=error.places)
    return Trial(action=action)
