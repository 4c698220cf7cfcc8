"""Idempotent Receiver: a call whose idempotency key is known is told what became of the first one.

Source: draft-ietf-httpapi-idempotency-key-header-07 §2.
"""

import hmac
from dataclasses import replace as changed

from gateway.errors import (
    IdempotencyInProgressError,
    IdempotencyKeyMissingError,
    IdempotencyMismatchError,
    MessageCorrectedError,
    MessageInDoubtError,
    ResultErasedError,
    TransitionConflictError,
)
from gateway.flow.accept import time_to_deliver, waiting_time
from gateway.flow.call import Call, Pending, Settled
from gateway.flow.check import Permitted
from gateway.flow.fingerprint import fingerprint
from gateway.flow.journey import Journey
from gateway.flow.pump import Pump
from gateway.flow.replay import replay
from gateway.flow.wait import is_told
from gateway.messaging.idempotency import Claim, Scope
from gateway.messaging.lifecycle import State, is_settled
from gateway.messaging.message import Message, StageKind
from gateway.messaging.operation import Operation, OperationKind

_OWNED = frozenset({State.RETRYING, State.AWAITING_ANSWER, State.UNANSWERED})
"""A submission in these states is the gateway's; its first caller was told so and went."""


def claim_of(call: Call, permitted: Permitted, *, key: bytes) -> Claim | None:
    """The idempotency key that a call claims; None: it sent none and needs none.

    Args:
        call: The call.
        permitted: Its operation and document.
        key: The secret that fingerprints are made with.

    Raises:
        IdempotencyKeyMissingError: A submission came without one.
    """
    if call.idempotency_key is None:
        if permitted.operation.kind is OperationKind.SUBMISSION:
            raise IdempotencyKeyMissingError("A submission needs the header Idempotency-Key.")
        return None
    scope = Scope(
        tenant=call.caller.tenant,
        caller=call.caller.name,
        operation=call.operation,
        key=call.idempotency_key,
    )
    return Claim(scope=scope, fingerprint=fingerprint(call, permitted.document, key=key))


async def repeat(
    journey: Journey, pump: Pump, call: Call, operation: Operation, claim: Claim
) -> Settled | Pending | None:
    """Tell what became of the first call with this key.

    Args:
        journey: Store, clock and waiters.
        pump: Delivers a dead message once more.
        call: The call, permitted like the first one.
        operation: What is asked.
        claim: Its key and fingerprint.

    Returns:
        None if there was no such call, or its message expired: the call is a new one.

    Raises:
        IdempotencyMismatchError: The first call was another one.
        MessageInDoubtError: The first call may have been carried out.
        IdempotencyInProgressError: The first call is under way and the wait is over.
        ResultErasedError: The first call was answered and the answer is gone.
        MessageCorrectedError: The first call is dead, and a corrected copy stands for it.
    """
    claimed = await journey.store.claimed(claim.scope)
    if claimed is None:
        return None
    if not hmac.compare_digest(claimed.fingerprint, claim.fingerprint):
        raise IdempotencyMismatchError("The key was used before, for another call.")
    message = claimed.message
    if message.state is State.DEAD:
        message = await _replayed(journey, pump, call, operation, message)
    if message.state is State.EXPIRED:
        return None
    if is_settled(message.state) or _is_owned(message):
        return await _told(journey, message)
    return await _join(journey, call, operation, message)


async def _replayed(
    journey: Journey, pump: Pump, call: Call, operation: Operation, message: Message
) -> Message:
    try:
        return await replay(
            journey,
            pump,
            message,
            time_to_deliver=time_to_deliver(call, operation),
            why="Its call was repeated.",
        )
    except MessageCorrectedError:
        raise
    except TransitionConflictError:  # another repeat was faster
        return await journey.store.get(message.id) or message


async def _join(
    journey: Journey, call: Call, operation: Operation, message: Message
) -> Settled | Pending:
    """Wait beside the first caller."""
    wait = waiting_time(call, operation)
    if wait is None:
        return Pending(message=message, replayed=True)
    result = journey.waiting.open(message.id, message.channel)
    try:
        # It may have settled before anybody could tell this waiter.
        message = await journey.store.get(message.id) or message
        if is_settled(message.state):
            return await _told(journey, message)
        if await is_told(result, wait.total_seconds()):
            return changed(await result, replayed=True)
    finally:
        journey.waiting.close(message.id, result)
    if message.kind is OperationKind.QUERY:
        raise IdempotencyInProgressError(
            "The first call with this key is still under way.", message_id=message.id
        )
    return Pending(message=message, replayed=True)


async def _told(journey: Journey, message: Message) -> Settled | Pending:
    """What the first call was told, or would be told now."""
    if message.state is State.IN_DOUBT:
        raise MessageInDoubtError(
            "Nobody knows whether the authority acted on the first call.", message_id=message.id
        )
    if _is_owned(message):
        return Pending(message=message, replayed=True)
    if message.state is not State.ANSWERED:
        return Settled(message=message, replayed=True)
    stage = await journey.store.stage(message.id, StageKind.CANONICAL_ANSWER)
    if stage is None:
        raise ResultErasedError(
            "The first call was answered; the answer is not kept any more.", message_id=message.id
        )
    return Settled(message=message, answer=stage.body, replayed=True)


def _is_owned(message: Message) -> bool:
    return message.kind is not OperationKind.QUERY and message.state in _OWNED
