"""The gate of one channel: whether messages may leave now, and how many.

It knows the channel's breaker, its pause, its delivery windows and its rate, and decides at once,
without waiting for anything. Kept out: remembering and sharing what it decides (``gates``), and the
moves of the breaker (``gateway.messaging.breaker``).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from gateway.errors import (
    AuthorityUnreachableError,
    ChannelHeldError,
    ChannelPausedError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
    WindowClosedError,
)
from gateway.messaging import breaker as moves
from gateway.messaging.breaker import Breaker, BreakerState
from gateway.messaging.channel import Channel
from gateway.messaging.channel_state import ChannelEvent, ChannelState
from gateway.messaging.condition import ChannelCondition
from gateway.messaging.message import MessageId
from gateway.messaging.ports import Clock
from gateway.messaging.rate import Bucket, Rate

GRACE = timedelta(seconds=5)
"""A probe counts as lost so long after the channel's time-out."""

UNREACHED = (NotSentError, OutcomeUnknownError)
"""Failures that show no sign of life; any other is an answer."""

UNLIMITED = 1_000_000
"""More messages than are ever taken at a time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """Why nothing leaves.

    Attributes:
        kind: The error that a waiting caller is told.
        detail: One sentence about it.
        until: When it ends by itself, or may; None: nobody knows.
    """

    kind: type[ChannelHeldError]
    detail: str
    until: datetime | None = None

    def error(self, now: datetime) -> ChannelHeldError:
        """The error for a call that would wait in vain."""
        return self.kind(self.detail, retry_after=None if self.until is None else self.until - now)


class Gate:
    """One channel as this process sees it; used from one event loop only.

    Attributes:
        channel: The channel.
        stored: Its state as the store has it, as far as is known here.
        breaker: Its breaker; ahead of the stored one by ``unwritten``.
        unwritten: What happened to the breaker since.
        free_since: Since when messages may leave without a break; None: they may not.
    """

    def __init__(
        self, channel: Channel, clock: Clock, *, ticks: Callable[[], float] = monotonic
    ) -> None:
        self.channel = channel
        self.stored = ChannelState(name=channel.name)
        self.breaker = self.stored.breaker
        self.unwritten: list[ChannelEvent] = []
        self.free_since: datetime | None = clock.now()
        self._clock = clock
        self._ticks = ticks
        self._failures = 0
        self._probe: MessageId | None = None
        self._release: Bucket | None = None
        self._rate = None if channel.rate is None else Bucket(channel.rate, now=ticks())
        self._opens_at: datetime | None = None
        self._is_plain = False
        self._settle()

    def hold(self) -> Hold | None:
        """Why nothing may leave now; None: something may, if only a probe."""
        if self._is_plain:
            return None
        now = self._clock.now()
        if self.stored.pause is not None:
            return Hold(kind=ChannelPausedError, detail="An operator paused the channel.")
        return self._closed_window(now) or self._outage(now)

    def condition(self) -> ChannelCondition:
        """How the channel is now."""
        return ChannelCondition(
            breaker=self.breaker.state,
            paused=self.stored.pause is not None,
            window_open=self._closed_window(self._clock.now()) is None,
            free_since=self.free_since,
        )

    def opens_at(self) -> datetime | None:
        """When the next delivery window opens; None: one is open, or there are none."""
        hold = self._closed_window(self._clock.now())
        return None if hold is None else hold.until

    def lets_in(self) -> bool:
        """Whether a message whose caller waits may leave at once."""
        if self._is_plain:
            return True
        closed = self.breaker.state in (BreakerState.CLOSED, BreakerState.RELEASING)
        return closed and self.hold() is None and self.tokens() > 0

    def tokens(self) -> int:
        """How many messages the rates let out now."""
        now = self._ticks()
        return min((bucket.available(now) for bucket in self._buckets()), default=UNLIMITED)

    def took(self, count: int) -> None:
        """Count messages that leave; a negative count gives back what did not."""
        if not self._is_plain:
            for bucket in self._buckets():
                bucket.take(count)

    def seconds_to_next(self) -> float:
        """How long until the rates let a message out."""
        now = self._ticks()
        return max((bucket.seconds_to_next(now) for bucket in self._buckets()), default=0.0)

    def outage_until(self) -> datetime | None:
        """When the breaker lets something out again; None: it is not open."""
        if self.breaker.state in (BreakerState.OPEN, BreakerState.PROBING):
            return self.breaker.until
        return None

    def may_probe(self) -> bool:
        """Whether one message may be sent to see whether the authority answers."""
        return not self._is_plain and self.breaker.may_probe(self._clock.now())

    def probing(self) -> ChannelState:
        """The state that says that this process sends the probe; the store decides."""
        patience = self.channel.timeout + GRACE
        taken = moves.probing(self.breaker, now=self._clock.now(), patience=patience)
        return replace(self.stored, breaker=taken)

    def sends(self, probe: MessageId | None) -> None:
        """Remember the probe by its message; None: there was nothing to send."""
        self._probe = probe
        if probe is None:
            self.breaker = moves.given_back(self.breaker, now=self._clock.now())

    def ended(
        self,
        message_id: MessageId,
        failure: DeliveryError | None = None,
        *,
        cut_short: bool = False,
    ) -> bool:
        """Take note of how an exchange with the authority ended; whether that moved the breaker.

        Any answer shows that the authority can be reached, also one that refuses.

        Args:
            message_id: Its message.
            failure: How it failed; None: the authority answered.
            cut_short: Whether it had so little time that a failure says nothing.
        """
        if failure is None or not isinstance(failure, UNREACHED):
            return self._answered(message_id)
        if cut_short:
            return self._learned_nothing(message_id)
        return self._failed(message_id, failure)

    def look(self) -> None:
        """Let time pass: a release that is over closes the breaker."""
        now = self._clock.now()
        if self.breaker.state is BreakerState.RELEASING and self.breaker.is_over(now):
            self._move(moves.closed(now=now), ChannelEvent.CLOSED)

    def adopt(self, state: ChannelState) -> None:
        """Take over what another process, or an operator, has made of the channel."""
        self.unwritten.clear()
        if state.breaker != self.breaker:
            self._probe = None  # another process gave it up
        self.stored, self.breaker = state, state.breaker
        self._settle()

    def wrote(self, state: ChannelState, count: int) -> None:
        """Take note that the first ``count`` unwritten events are stored."""
        del self.unwritten[:count]
        self.stored = state
        self._settle()

    def _answered(self, message_id: MessageId) -> bool:
        self._failures = 0
        if not self._is_probe(message_id):
            return False
        now = self._clock.now()
        after = moves.released(self.breaker, self.channel.breaker, now=now)
        self._move(after, ChannelEvent.RELEASED)
        return True

    def _learned_nothing(self, message_id: MessageId) -> bool:
        if not self._is_probe(message_id):
            return False
        self.sends(None)
        return True

    def _is_probe(self, message_id: MessageId) -> bool:
        return self.breaker.state is BreakerState.PROBING and message_id == self._probe

    def _failed(self, message_id: MessageId, failure: DeliveryError) -> bool:
        policy = self.channel.breaker
        if self._is_probe(message_id):
            self._open(failure)
            return True
        self._failures += 1
        counts = self.breaker.state in (BreakerState.CLOSED, BreakerState.RELEASING)
        if counts and 0 < policy.failures <= self._failures:
            self._open(failure)
            return True
        return False

    def _open(self, failure: DeliveryError) -> None:
        wish = failure.retry_after if isinstance(failure, NotSentError) else None
        now = self._clock.now()
        after = moves.opened(self.breaker, self.channel.breaker, now=now, retry_after=wish)
        self._failures = 0
        self._move(after, ChannelEvent.OPENED)

    def _move(self, after: Breaker, event: ChannelEvent) -> None:
        self.breaker = after
        self._probe = None
        self.unwritten.append(event)
        self._settle()

    def _settle(self) -> None:
        """Work out what need not be looked at for every message."""
        if self.breaker.state is not BreakerState.RELEASING:
            self._release = None
        elif self._release is None:
            rate = Rate(per_second=self.channel.breaker.release_rate)
            self._release = Bucket(rate, now=self._ticks())
        closed = self.breaker.state is BreakerState.CLOSED and self.stored.pause is None
        self._is_plain = closed and self._rate is None and self.channel.windows is None

    def _buckets(self) -> list[Bucket]:
        return [bucket for bucket in (self._rate, self._release) if bucket is not None]

    def _closed_window(self, now: datetime) -> Hold | None:
        windows = self.channel.windows
        if windows is None or windows.is_open(now):
            self._opens_at = None
            return None
        if self._opens_at is None or self._opens_at <= now:
            self._opens_at = windows.next_opening(now)
        opens = f"{self._opens_at:%Y-%m-%dT%H:%MZ}"
        detail = (
            f"The authority takes nothing at this hour; its next delivery window opens {opens}."
        )
        return Hold(kind=WindowClosedError, detail=detail, until=self._opens_at)

    def _outage(self, now: datetime) -> Hold | None:
        if self.outage_until() is None or self.breaker.may_probe(now):
            return None
        detail = "The authority did not answer several times in a row; the gateway gives it time."
        return Hold(kind=AuthorityUnreachableError, detail=detail, until=self.breaker.until)
