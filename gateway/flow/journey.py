"""What every step of a message's journey works with, and how one step is carried out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
from gateway.messaging.ports import Clock, MessageStore, Step

_EXPIRED = frozenset({State.EXPIRED})
_NOTHING_CAME = frozenset({AttemptResult.NOT_SENT, AttemptResult.OUTCOME_UNKNOWN})


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
        record(step.entry.event, message)
        self.witness.moved(step, message)
        if is_settled(message.state):
            self.waiting.tell(Settled(message=message, answer=answer, places=places))
        elif message.kind is not OperationKind.QUERY:
            # The gateway owns a submission from its first failure or receipt on; a query's caller
            # waits for the next attempt.
            self.waiting.tell(Pending(message=message))
        return message

    async def end_attempt(
        self, step: Step, *, answer: bytes | None = None, places: Sequence[Place] = ()
    ) -> Message:
        """Carry out the step that ends an attempt, also when its message expired meanwhile.

        A late answer becomes an event; its content is discarded.
        """
        try:
            return await self.move(step, answer=answer, places=places)
        except TransitionConflictError:
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
