"""Decide what follows a failed delivery.

Pure functions: no clock, no store, no network. ``gateway.flow.deliver`` carries decisions out.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import (
    AuthorityRefusedError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
)
from gateway.messaging.channel import RetryPolicy
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.operation import OperationKind

_DOUBLINGS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """Try again at ``at``; aware, UTC, before the message's deadline."""

    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Settle:
    """Stop; the message goes to ``state``: ``dead``, ``in_doubt`` or ``expired``."""

    state: State


def after_failure(
    failure: DeliveryError, message: Message, *, now: datetime, policy: RetryPolicy
) -> Retry | Settle:
    """Choose between another attempt and the state in which the message rests.

    Args:
        failure: What the transport raised.
        message: The message; ``attempts`` counts the one that failed.
        now: When it failed; aware, UTC.
        policy: Limits of the channel.

    Returns:
        ``Retry`` while another attempt can help, may be made, and begins before the deadline.

    Pattern: Dead Letter Channel.
    Source: RFC 9110 §10.2.3, a peer's Retry-After outranks our own backoff.
    """
    if isinstance(failure, AuthorityRefusedError):
        return Settle(state=State.DEAD)
    if isinstance(failure, OutcomeUnknownError) and not message.repeatable:
        return Settle(state=State.IN_DOUBT)
    if message.attempts >= policy.max_attempts:
        return Settle(state=State.DEAD)
    # A timedelta overflows long before the attempts do; the longest wait is reached before that.
    wait = policy.first_wait * 2 ** min(message.attempts - 1, _DOUBLINGS)
    if isinstance(failure, NotSentError) and failure.retry_after is not None:
        wait = failure.retry_after
    at = now + min(wait, policy.longest_wait)
    if at < message.deadline_at:
        return Retry(at=at)
    return Settle(state=_when_time_is_over(failure, message))


def after_interruption(message: Message, *, now: datetime) -> Retry | Settle:
    """What follows an attempt that a crash cut off; it counts as sent.

    Returns:
        ``Retry`` at once if a repeat does no harm, else ``in_doubt``.
    """
    if not message.repeatable:
        return Settle(state=State.IN_DOUBT)
    if now >= message.deadline_at:
        return Settle(state=_when_time_is_over(None, message))
    return Retry(at=now)


def _when_time_is_over(failure: DeliveryError | None, message: Message) -> State:
    """A query nobody waits for expires; a submission that never left expires, else it is dead."""
    never_left = isinstance(failure, NotSentError) and message.attempts == 1
    if message.kind is OperationKind.QUERY or never_left:
        return State.EXPIRED
    return State.DEAD
