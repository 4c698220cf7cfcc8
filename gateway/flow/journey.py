"""What every step of a message's journey works with, and how one step is carried out."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import random

from gateway.errors import MessageExpiredError, Place, TransitionConflictError
from gateway.flow.attachments import Attachments
from gateway.flow.call import Pending, Settled
from gateway.flow.events import Event, record
from gateway.flow.fault_points import FaultHook, FaultPoint, no_fault
from gateway.flow.gates import Gates
from gateway.flow.wait import Waiting
from gateway.flow.witness import Witness, Witnesses
from gateway.flow.workers import Workers
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State, is_settled
from gateway.messaging.message import AttemptResult, Message
from gateway.messaging.operation import OperationKind
from gateway.messaging.peers import Peers
from gateway.messaging.ports import Clock, MessageStore, Step

_EXPIRED = frozenset({State.EXPIRED})
_IN_DOUBT = frozenset({State.IN_DOUBT})
_NOTHING_CAME = frozenset({AttemptResult.NOT_SENT, AttemptResult.OUTCOME_UNKNOWN})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """Store, clock and waiters.

    Attributes:
        store: Where messages are kept.
        clock: Tells the time.
        gates: Say whether messages may leave.
        waiting: Callers to be told.
        hit: Called at every fault point.
        workers: Where large answers are read; None: on the spot, like all others.
        witness: Told of every step.
        attachments: What messages refer to; None: nothing can be.
        peers: Other processes on the same store; None: it has none.
        chance: Spreads what would else happen at the same time; from 0 to 1.
    """

    store: MessageStore
    clock: Clock
    gates: Gates
    waiting: Waiting = field(default_factory=Waiting)
    hit: FaultHook = no_fault
    workers: Workers | None = None
    witness: Witness = field(default_factory=Witnesses)
    attachments: Attachments | None = None
    peers: Peers | None = None
    chance: Callable[[], float] = random

    async def move(
        self, step: Step, *, answer: bytes | None = None, places: Sequence[Place] = ()
    ) -> Message:
        """Make a step durable, then log it and tell the waiter what is now certain.

        Args:
            step: The step.
            answer: The canonical answer, if the step brings one.
            places: Where the authority's answer is wrong, if that ends the attempt.

        Raises:
            TransitionConflictError: The message moved on meanwhile; nothing was changed or told.
        """
        self.hit(FaultPoint.STEP_BEFORE_COMMIT)
        message = await self.store.advance(step)
        self.hit(FaultPoint.STEP_AFTER_COMMIT)
        self.announce(step, message, answer=answer, places=places)
        return message

    def announce(
        self,
        step: Step,
        message: Message,
        *,
        answer: bytes | None = None,
        places: Sequence[Place] = (),
    ) -> None:
        """Log a step that is durable, and tell the waiter what is now certain.

        Args:
            step: The step.
            message: The message after it.
            answer: As for ``move``.
            places: As for ``move``.
        """
        record(step.entry.event, message)
        self.witness.moved(step, message)
        if is_settled(message.state):
            self.waiting.tell(Settled(message=message, answer=answer, places=places))
        elif message.kind is not OperationKind.QUERY:
            # The gateway owns a submission from its first failure or receipt on; a query's caller
            # waits for the next attempt.
            self.waiting.tell(Pending(message=message))

    async def end_attempt(
        self, step: Step, *, answer: bytes | None = None, places: Sequence[Place] = ()
    ) -> Message:
        """Carry out the step that ends an attempt, also when its message went on without it.

        A late answer to an expired one becomes an event; its content is discarded. Where another
        process took the message over, it stays as that one left it; an answer ends the doubt.

        Raises:
            TransitionConflictError: The message is elsewhere, and no other process can have moved
                it.
        """
        try:
            return await self.move(step, answer=answer, places=places)
        except TransitionConflictError:
            present = await self.store.get(step.message_id)
            if present is None or is_under_way(present, step):
                raise
            if present.state is State.EXPIRED:
                return await self._note_late(step)
            if self.peers is None:
                raise
        if present.state is State.IN_DOUBT and step.entry.state is State.ANSWERED:
            known = replace(step, start=_IN_DOUBT, ends_attempt=None)
            return await self.move(known, answer=answer, places=places)
        extra = {
            "event": "delivery.superseded",
            "message_id": present.id,
            "state": str(present.state),
            "attempt": step.entry.attempt,
        }
        _log.info("an attempt ended that another process had taken over", extra=extra)
        return present

    async def _note_late(self, step: Step) -> Message:
        nothing_came = step.ends_attempt in _NOTHING_CAME
        late = Entry(
            at=step.entry.at,
            event=Event.DELIVERY_FAILED if nothing_came else Event.ANSWER_LATE,
            state=State.EXPIRED,
            attempt=step.entry.attempt,
            code=MessageExpiredError.code,
        )
        return await self.move(
            Step(
                message_id=step.message_id,
                start=_EXPIRED,
                entry=late,
                ends_attempt=step.ends_attempt,
            )
        )


def is_under_way(message: Message, step: Step) -> bool:
    """Whether the attempt that a step ends is the one that the message is in."""
    return message.state is State.DELIVERING and message.attempts == step.entry.attempt
