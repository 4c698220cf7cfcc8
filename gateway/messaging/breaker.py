"""The circuit breaker of a channel: pure moves between its four states.

``closed``: messages leave. ``open``: the authority cannot be reached, nothing leaves until a time.
``probing``: one message is on its way to see whether it answers. ``releasing``: it does, and what
waits leaves at a limited rate. Every move is a function from one value to the next; kept out: when
to move (``gateway.flow.gate``) and where the value is kept (``gateway.messaging.channel_state``).

Pattern: Circuit Breaker (M. Nygard, "Release It!", 2nd ed., §5.2), with a slow release.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

SKEW = timedelta(seconds=5)
"""Clocks of two machines differ by no more; a value from further ahead was written before this
machine's clock was set back, and its times mean nothing any more."""

_DOUBLINGS = 20


class BreakerState(StrEnum):
    """What a breaker lets out."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"
    RELEASING = "releasing"


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerPolicy:
    """When a breaker opens, and how it closes again.

    Attributes:
        failures: Attempts in a row that did not reach the authority, or brought no answer, in one
            process; 0: it never opens.
        open_time: How long nothing leaves after it opened; doubles each time a probe fails.
        longest_open: Upper limit of that.
        release_rate: Messages per second that leave after a probe was answered.
        release_time: For how long.
    """

    failures: int = 10
    open_time: timedelta = timedelta(seconds=10)
    longest_open: timedelta = timedelta(minutes=5)
    release_rate: float = 10.0
    release_time: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Breaker:
    """A breaker at one moment.

    Attributes:
        state: What it lets out.
        since: When it came to this state; None: it never left ``closed``.
        until: ``open``: when a probe may leave; ``probing``: when the probe counts as lost;
            ``releasing``: when it closes; None when ``closed``.
        openings: How often it has opened since it was last closed.
    """

    state: BreakerState = BreakerState.CLOSED
    since: datetime | None = None
    until: datetime | None = None
    openings: int = 0

    def is_over(self, now: datetime) -> bool:
        """Whether the time of the present state is over; never when ``closed``."""
        if self.until is None or self.since is None:
            return False
        return self.until <= now or self.since - now > SKEW

    def may_probe(self, now: datetime) -> bool:
        """Whether one message may be sent to see whether the authority answers."""
        return self.state in (BreakerState.OPEN, BreakerState.PROBING) and self.is_over(now)


def opened(
    breaker: Breaker,
    policy: BreakerPolicy,
    *,
    now: datetime,
    retry_after: timedelta | None = None,
) -> Breaker:
    """The breaker after too many failures, or after its probe failed.

    Args:
        breaker: As it was.
        policy: Of the channel.
        now: When the last attempt failed.
        retry_after: The wait that the authority asked for; None: it did not say.
    """
    wait = policy.open_time * (1 << min(breaker.openings, _DOUBLINGS))
    wait = min(max(wait, retry_after or timedelta()), policy.longest_open)
    return Breaker(
        state=BreakerState.OPEN, since=now, until=now + wait, openings=breaker.openings + 1
    )


def probing(breaker: Breaker, *, now: datetime, patience: timedelta) -> Breaker:
    """The breaker while its probe is on its way; ``patience``: after that the probe is lost."""
    return replace(breaker, state=BreakerState.PROBING, since=now, until=now + patience)


def given_back(breaker: Breaker, *, now: datetime) -> Breaker:
    """The breaker after its probe was not sent: another one may leave at once."""
    return replace(breaker, state=BreakerState.OPEN, since=now, until=now)


def released(breaker: Breaker, policy: BreakerPolicy, *, now: datetime) -> Breaker:
    """The breaker after its probe was answered."""
    until = now + policy.release_time
    return replace(breaker, state=BreakerState.RELEASING, since=now, until=until)


def closed(*, now: datetime) -> Breaker:
    """The breaker after the time of its release."""
    return Breaker(since=now)
