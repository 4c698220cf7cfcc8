"""Green means that messages move."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from gateway.api.health import MEANINGS, Health, HealthLimits, Reason, Status, judge
from gateway.flow.vitals import Vitals
from gateway.messaging.breaker import BreakerState
from gateway.messaging.condition import ChannelCondition, Queue
from gateway.messaging.order import Line
from tests.gateway.api.conftest import NOW

MINUTE = timedelta(minutes=1)
FREE = ChannelCondition(
    breaker=BreakerState.CLOSED, paused=False, window_open=True, free_since=NOW - MINUTE * 60
)


def seen(**changes: Any) -> Vitals:
    """A gateway without a fault, but for what the test changes."""
    sound: dict[str, Any] = {"at": NOW, "accepts": True, "writes": True, "free_bytes": 2**40}
    return Vitals(**(sound | changes))


def queue(channel: str = "a", *, overdue: timedelta = timedelta()) -> Queue:
    return Queue(channel=channel, waiting=3, due_since=NOW - overdue)


def line(*, held_up_for: timedelta | None = None) -> Line:
    since = None if held_up_for is None else NOW - held_up_for
    return Line(channel="a", keys=1, waiting=2, held_up=int(since is not None), held_up_since=since)


def judged(vitals: Vitals, **channels: bool) -> Health:
    return judge(vitals, channels=channels or {"a": True}, limits=HealthLimits())


def test_a_gateway_whose_messages_move_is_ready() -> None:
    health = judged(seen(queues=[queue(overdue=MINUTE)], failing={"a": MINUTE}))
    assert (health.status, health.is_ready, health.reasons) == (Status.READY, True, ())
    (channel,) = health.channels
    assert (channel.open, channel.reason, channel.waiting) == (True, None, 3)
    assert channel.overdue_seconds == 60


@pytest.mark.parametrize(
    ("vitals", "reason"),
    [
        (seen(queues=[queue(overdue=MINUTE * 1.1)]), Reason.NOT_MOVING),
        (seen(failing={"a": MINUTE * 1.1}), Reason.ONLY_FAILURES),
        (seen(lines=[line(held_up_for=MINUTE * 1.1)]), Reason.HELD_UP),
    ],
)
def test_a_channel_that_carries_nothing_degrades(vitals: Vitals, reason: Reason) -> None:
    health = judged(vitals, a=True, b=True)
    assert (health.status, health.is_ready) == (Status.DEGRADED, True)
    assert [channel.reason for channel in health.channels] == [reason, None]


@pytest.mark.parametrize("held_up_for", [None, MINUTE])
def test_messages_that_wait_for_their_turn_are_no_fault(held_up_for: timedelta | None) -> None:
    assert judged(seen(lines=[line(held_up_for=held_up_for)])).status is Status.READY


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"paused": True, "breaker": BreakerState.OPEN, "free_since": None}, Reason.PAUSED),
        ({"breaker": BreakerState.OPEN, "free_since": None}, Reason.UNREACHABLE),
        ({"breaker": BreakerState.PROBING, "free_since": None}, Reason.UNREACHABLE),
        ({"breaker": BreakerState.RELEASING}, None),
        ({"window_open": False, "free_since": None}, None),
    ],
)
def test_a_held_channel_says_why_and_a_closed_window_is_no_fault(
    condition: dict[str, Any], reason: Reason | None
) -> None:
    held = dataclasses.replace(FREE, **condition)
    health = judged(seen(channels={"a": held}))
    assert health.channels[0].reason is reason
    assert (health.channels[0].breaker, health.channels[0].window_open) == (
        held.breaker,
        held.window_open,
    )
    assert health.status is (Status.READY if reason is None else Status.DEGRADED)


def test_what_could_not_leave_was_not_due() -> None:
    waiting = [queue(overdue=MINUTE * 600)]
    held = dataclasses.replace(FREE, window_open=False, free_since=None)
    assert judged(seen(queues=waiting, channels={"a": held})).status is Status.READY
    opened = dataclasses.replace(FREE, free_since=NOW - MINUTE / 2)
    (channel,) = judged(seen(queues=waiting, channels={"a": opened})).channels
    assert (channel.reason, channel.overdue_seconds) == (None, 30)
    long_open = dataclasses.replace(FREE, free_since=NOW - MINUTE * 2)
    (channel,) = judged(seen(queues=waiting, channels={"a": long_open})).channels
    assert (channel.reason, channel.overdue_seconds) == (Reason.NOT_MOVING, 120)


def test_a_closed_channel_degrades_whatever_waits_for_it() -> None:
    health = judged(seen(queues=[queue(overdue=MINUTE * 9)]), a=False)
    assert health.status is Status.DEGRADED
    assert (health.channels[0].open, health.channels[0].reason) == (False, Reason.ADAPTER_FAULTY)


def test_messages_of_a_channel_that_was_taken_away_are_seen() -> None:
    health = judged(seen(queues=[queue("gone")]), a=True)
    assert health.status is Status.DEGRADED
    assert [channel.name for channel in health.channels] == ["a", "gone"]
    assert health.channels[1].reason is Reason.NOT_CONFIGURED


def test_what_is_planned_for_later_is_not_overdue() -> None:
    health = judged(seen(queues=[queue(overdue=-MINUTE)]))
    assert (health.status, health.channels[0].overdue_seconds) == (Status.READY, 0)


def test_a_store_that_does_not_write_fails() -> None:
    health = judged(seen(writes=False))
    assert (health.status, health.is_ready) == (Status.FAILING, False)
    assert health.reasons == (Reason.STORE_NOT_WRITING,)


def test_a_disk_that_is_almost_full_degrades() -> None:
    health = judged(seen(free_bytes=256 * 2**20 - 1))
    assert (health.status, health.reasons) == (Status.DEGRADED, (Reason.DISK_ALMOST_FULL,))


def test_a_gateway_that_starts_or_stops_is_not_ready_and_not_failing() -> None:
    health = judged(seen(accepts=False, writes=False, free_bytes=None))
    assert (health.status, health.is_ready, health.reasons) == (Status.STARTING, False, ())


def test_every_reason_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Reason)
