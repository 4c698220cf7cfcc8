"""A corrected copy: a new message in place of one that could not be delivered.

The original keeps its content and its state, dead; it may go again only if the copy comes to
nothing. Kept out: who may say so (``letters``), and the lock between both (``CorrectionStore``).
"""

import hmac
from dataclasses import dataclass, replace
from uuid import uuid4

from gateway.errors import (
    IdempotencyKeyMissingError,
    KeyTakenError,
    OutcomeUnknownError,
    TransitionConflictError,
)
from gateway.flow.accept import new_message
from gateway.flow.call import Call
from gateway.flow.check import Checked
from gateway.flow.directory import Directory
from gateway.flow.events import Event, record
from gateway.flow.examine import Examined, examine
from gateway.flow.fault_points import FaultPoint
from gateway.flow.journey import Journey
from gateway.flow.pump import Pump
from gateway.flow.repeat import repeat
from gateway.messaging.corrections import CorrectionStore
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId
from gateway.messaging.ports import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected:
    """A corrected copy; ``replayed``: it was there already, made by an earlier call."""

    message: Message
    replayed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Correcting:
    """What a correction works with.

    Attributes:
        journey: Message store, clock and workers.
        pump: Delivers the copy.
        directory: What is offered and reachable.
        store: Keeps who corrects whom.
    """

    journey: Journey
    pump: Pump
    directory: Directory
    store: CorrectionStore

    async def correct(self, original: Message, call: Call, *, not_taken: bool) -> Corrected:
        """Accept a corrected copy of a message.

        Args:
            original: The message.
            call: The copy as a call of its own; nobody waits for its answer.
            not_taken: Whether the authority was asked and does not have the original.

        Raises:
            MessageRefusedError: The copy was refused; nothing has changed.
            TransitionConflictError: The original is in no state in which it can be corrected.
            MessageCorrectedError: It was corrected before, and that copy may arrive.
            StoreUnavailableError: Nothing was accepted.
        """
        examined, claim = await self._examine(original, call)
        earlier = await self._repeated(call, examined, claim)
        if earlier is not None:
            return earlier
        _require_correctable(original, not_taken=not_taken)
        checked = replace(examined.check(), claim=claim)
        _require_no_terms(checked)
        try:
            return Corrected(message=await self._accept(original, call, checked))
        except KeyTakenError:
            # The same correction came twice in the same moment; this one is the repeat.
            earlier = await self._repeated(call, examined, claim)
            if earlier is None:
                raise
            return earlier

    async def _examine(self, original: Message, call: Call) -> tuple[Examined, Claim]:
        key = await self.journey.store.fingerprint_key()
        examined = await examine(
            self.journey.workers,
            call,
            self.directory,
            message_id=MessageId(str(uuid4())),
            now=self.journey.clock.now(),
            fingerprint_key=key,
        )
        claim = examined.claim
        if claim is None:
            raise IdempotencyKeyMissingError("A corrected copy needs the header Idempotency-Key.")
        # The same document as a call of its own, or for another original, is another call.
        bound = hmac.digest(key, claim.fingerprint + original.id.encode(), "sha256")
        return examined, replace(claim, fingerprint=bound)

    async def _repeated(self, call: Call, examined: Examined, claim: Claim) -> Corrected | None:
        told = await repeat(self.journey, self.pump, call, examined.operation, claim)
        return None if told is None else Corrected(message=told.message, replayed=True)

    async def _accept(self, original: Message, call: Call, checked: Checked) -> Message:
        now = self.journey.clock.now()
        message = new_message(call, checked, now=now, begins=False)
        accepted = Entry(
            at=now,
            event=Event.ACCEPTED,
            state=State.ACCEPTED,
            detail=f"Corrects message {original.id}.",
        )
        step = _step(original, message)
        self.journey.hit(FaultPoint.ACCEPT_BEFORE_COMMIT)
        after = await self.store.correct(
            step, message, checked.stages, [accepted], claim=checked.claim
        )
        self.journey.hit(FaultPoint.ACCEPT_AFTER_COMMIT)
        record(accepted.event, message)
        self.journey.witness.accepted(message)
        self.journey.announce(step, after)
        self.pump.wake(message.channel)
        return message


def _require_no_terms(checked: Checked) -> None:
    """A copy in its original's place would need its turn and its number, and has neither.

    Raises:
        TransitionConflictError: The operation has an order, or sequence numbers.
    """
    if checked.terms is not None:
        raise TransitionConflictError(
            "Messages of this operation have an order or sequence numbers: give the original up,"
            " and send the corrected document as a call of its own."
        )


def _require_correctable(original: Message, *, not_taken: bool) -> None:
    if original.state is State.DEAD or (not_taken and original.state is State.IN_DOUBT):
        return
    doubt = original.state is State.IN_DOUBT
    raise TransitionConflictError(
        f"Message {original.id} is {original.state}; "
        + (
            "ask the authority first, and say that it does not have it."
            if doubt
            else "only a dead one is corrected, or one in doubt that the authority does not have."
        )
    )


def _step(original: Message, copy: Message) -> Step:
    doubt = original.state is State.IN_DOUBT
    asked = "The authority was asked and does not have it. " if doubt else ""
    return Step(
        message_id=original.id,
        start=frozenset({original.state}),
        entry=Entry(
            at=copy.accepted_at,
            event=Event.CORRECTED,
            state=State.DEAD,
            code=OutcomeUnknownError.code if doubt else None,
            detail=f"{asked}Corrected by message {copy.id}.",
        ),
    )
