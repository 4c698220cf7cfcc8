"""Whether messages move: from a look at the gateway to one word, and to what is wrong.

``ready`` means that messages move, not that a process runs. Pure functions; kept out: the look
itself (``gateway.flow.vitals``) and the routes (``health_routes``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gateway.flow.vitals import Vitals
from gateway.messaging.breaker import BreakerState
from gateway.messaging.condition import ChannelCondition, Queue

_UNKNOWN = ChannelCondition(
    breaker=BreakerState.CLOSED,
    paused=False,
    window_open=True,
    free_since=datetime.min.replace(tzinfo=UTC),
)
"""Of a channel that was taken away, or is faulty: nothing holds its messages but that."""


class Status(StrEnum):
    """How the gateway is, in one word."""

    READY = "ready"
    DEGRADED = "degraded"
    STARTING = "starting"
    FAILING = "failing"


class Reason(StrEnum):
    """What is wrong with a channel, or with the gateway."""

    ADAPTER_FAULTY = "adapter-faulty"
    NOT_CONFIGURED = "not-configured"
    NOT_MOVING = "not-moving"
    ONLY_FAILURES = "only-failures"
    UNREACHABLE = "unreachable"
    PAUSED = "paused"
    HELD_UP = "held-up"
    STORE_NOT_WRITING = "store-not-writing"
    DISK_FULL = "disk-full"
    DISK_ALMOST_FULL = "disk-almost-full"


MEANINGS: dict[Reason, str] = {
    Reason.ADAPTER_FAULTY: "Closed: its adapter has faults, or there is none of that name.",
    Reason.NOT_CONFIGURED: "Messages wait for a channel that is configured no more.",
    Reason.NOT_MOVING: "The channel is open, and its first message has been due for too long.",
    Reason.ONLY_FAILURES: "Every attempt has failed for too long; the backend seems to be down.",
    Reason.UNREACHABLE: "The breaker is open: nothing is sent until the backend answers a probe.",
    Reason.PAUSED: "An operator paused the channel; nothing is sent until it is resumed.",
    Reason.HELD_UP: "Messages have waited too long behind one that rests until somebody decides.",
    Reason.STORE_NOT_WRITING: "A write did not become durable within two seconds.",
    Reason.DISK_FULL: "The store's disk is full but for its reserve, which is for answers only.",
    Reason.DISK_ALMOST_FULL: "Less is free on the store's disk than `health.least_free_megabytes`.",
}
"""What each reason says, one sentence each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthLimits:
    """What is good enough.

    Attributes:
        stalled_after: Longest that a message may have been due or held up by one that rests, and
            that a channel may only fail.
        least_free_bytes: Least to be left on the store's disk.
        reserve_bytes: Left to answers: with less free, the store takes nothing new.
    """

    stalled_after: timedelta = timedelta(seconds=60)
    least_free_bytes: int = 256 * 2**20
    reserve_bytes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelHealth:
    """Whether messages of one channel move.

    Attributes:
        name: Name of the channel.
        open: Whether it can carry messages.
        reason: What is wrong; None: nothing.
        waiting: Messages that wait for an attempt.
        overdue_seconds: For how long the first of them has been due while messages could leave;
            0: none is due.
        breaker: State of its breaker.
        window_open: Whether the authority takes messages at this hour.
    """

    name: str
    open: bool
    reason: Reason | None = None
    waiting: int = 0
    overdue_seconds: float = 0.0
    breaker: BreakerState = BreakerState.CLOSED
    window_open: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """What ``/health/ready`` tells: no detail about faults, those are in ``check-config``."""

    status: Status
    reasons: Sequence[Reason] = ()
    channels: Sequence[ChannelHealth] = ()

    @property
    def is_ready(self) -> bool:
        """Whether messages are taken; also while some channels carry none."""
        return self.status in (Status.READY, Status.DEGRADED)


def judge(vitals: Vitals, *, channels: Mapping[str, bool], limits: HealthLimits) -> Health:
    """Say how the gateway is.

    Args:
        vitals: What was seen.
        channels: Every configured channel by name, and whether it is open.
        limits: What is good enough.
    """
    queues = {queue.channel: queue for queue in vitals.queues}
    judged = [
        _judge_channel(name, queues.get(name), vitals, is_open=channels.get(name), limits=limits)
        for name in [*channels, *sorted(queues.keys() - channels.keys())]
    ]
    reasons = tuple(_reasons(vitals, limits)) if vitals.accepts else ()
    return Health(
        status=_status(vitals, reasons, judged),
        reasons=reasons,
        channels=judged,
    )


def _status(vitals: Vitals, reasons: Sequence[Reason], channels: Sequence[ChannelHealth]) -> Status:
    if not vitals.accepts:
        return Status.STARTING
    if not vitals.writes or Reason.DISK_FULL in reasons:
        return Status.FAILING
    faulty = any(channel.reason is not None for channel in channels)
    return Status.DEGRADED if reasons or faulty else Status.READY


def _reasons(vitals: Vitals, limits: HealthLimits) -> list[Reason]:
    found = []
    if not vitals.writes:
        found.append(Reason.STORE_NOT_WRITING)
    if vitals.free_bytes is not None and vitals.free_bytes < limits.reserve_bytes:
        found.append(Reason.DISK_FULL)
    elif vitals.free_bytes is not None and vitals.free_bytes < limits.least_free_bytes:
        found.append(Reason.DISK_ALMOST_FULL)
    return found


def _judge_channel(
    name: str,
    queue: Queue | None,
    vitals: Vitals,
    *,
    is_open: bool | None,
    limits: HealthLimits,
) -> ChannelHealth:
    condition = vitals.channels.get(name, _UNKNOWN)
    overdue = _overdue(queue, condition, vitals.at)
    reason = None
    if is_open is None:
        reason = Reason.NOT_CONFIGURED
    elif not is_open:
        reason = Reason.ADAPTER_FAULTY
    else:
        reason = _held(condition) or _slow(name, overdue, vitals, limits)
    return ChannelHealth(
        name=name,
        open=bool(is_open),
        reason=reason,
        waiting=0 if queue is None else queue.waiting,
        overdue_seconds=overdue.total_seconds(),
        breaker=condition.breaker,
        window_open=condition.window_open,
    )


def _held_up(channel: str, vitals: Vitals) -> timedelta:
    """For how long a message of the channel has waited for somebody's decision."""
    since = [line.held_up_since for line in vitals.lines if line.channel == channel]
    return max((vitals.at - at for at in since if at is not None), default=timedelta())


def _overdue(queue: Queue | None, condition: ChannelCondition, now: datetime) -> timedelta:
    """For how long the first message could have left; a closed window is nobody's fault."""
    if queue is None or condition.free_since is None:
        return timedelta()
    return max(now - max(queue.due_since, condition.free_since), timedelta())


def _held(condition: ChannelCondition) -> Reason | None:
    if condition.paused:
        return Reason.PAUSED
    if condition.breaker in (BreakerState.OPEN, BreakerState.PROBING):
        return Reason.UNREACHABLE
    return None


def _slow(name: str, overdue: timedelta, vitals: Vitals, limits: HealthLimits) -> Reason | None:
    if overdue > limits.stalled_after:
        return Reason.NOT_MOVING
    if vitals.failing.get(name, timedelta()) > limits.stalled_after:
        return Reason.ONLY_FAILURES
    if _held_up(name, vitals) > limits.stalled_after:
        return Reason.HELD_UP
    return None
