"""Decide what follows a failed delivery.

Pure functions: no clock, no store, no network, no dice. ``gateway.flow.deliver`` carries decisions
out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
    failure: DeliveryError,
    message: Message,
    *,
    now: datetime,
    policy: RetryPolicy,
    chance: float,
    outage_until: datetime | None = None,
) -> Retry | Settle:
    """Choose between another attempt and the state in which the message rests.

    Args:
        failure: What the transport raised.
        message: The message; ``attempts`` counts the one that failed.
        now: When it failed; aware, UTC.
        policy: Limits of the channel.
        chance: Where in the spread of waits the next attempt lies; from 0 to 1.
        outage_until: When the channel's breaker lets the next attempt out; None: it is closed.
            An outage is not the message's fault: it uses up no attempts. One that lasts longer
            than the message may be over sooner, so it ends no message before its time.

    Returns:
        ``Retry`` while another attempt can help, may be made, and begins before the deadline.

    Pattern: Dead Letter Channel.
    Source: RFC 9110 §10.2.3, a peer's Retry-After outranks our own backoff.
    """
    if isinstance(failure, AuthorityRefusedError):
        return Settle(state=State.DEAD)
    if isinstance(failure, OutcomeUnknownError) and not message.repeatable:
        return Settle(state=State.IN_DOUBT)
    if message.attempts >= policy.max_attempts and outage_until is None:
        return Settle(state=State.DEAD)
    wait = backoff(message.attempts, policy, chance=chance)
    if isinstance(failure, NotSentError) and failure.retry_after is not None:
        wait = min(failure.retry_after, policy.longest_wait)
    at = now + wait
    if outage_until is not None and outage_until < message.deadline_at:
        at = max(at, outage_until)
    if at < message.deadline_at:
        return Retry(at=at)
    return Settle(state=_when_time_is_over(failure, message))


def backoff(attempts: int, policy: RetryPolicy, *, chance: float) -> timedelta:
    """How long to wait after so many attempts: doubled each time, and half of it left to chance.

    Messages that failed together do not come back together. The other half is kept, so that the
    attempts of a message last as long as its operator reckons with, by half at least.

    Args:
        attempts: Those made so far, from 1.
        policy: Limits of the channel.
        chance: Where in the spread the wait lies, from 0 to 1.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: equal jitter.
    Full jitter spreads better, and may use a message's attempts up in no time.
    """
    # A timedelta overflows long before the attempts do; the longest wait is reached before that.
    whole = min(policy.first_wait * (1 << min(attempts - 1, _DOUBLINGS)), policy.longest_wait)
    return whole / 2 * (1 + chance)


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
