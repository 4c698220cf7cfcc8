"""The moves of a breaker."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.messaging.breaker import (
    SKEW,
    Breaker,
    BreakerPolicy,
    BreakerState,
    closed,
    given_back,
    opened,
    probing,
    released,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POLICY = BreakerPolicy(
    open_time=10 * SECOND, longest_open=60 * SECOND, release_time=30 * SECOND, release_rate=2
)


def open_for(seconds: float, openings: int) -> Breaker:
    until = NOW + timedelta(seconds=seconds)
    return Breaker(state=BreakerState.OPEN, since=NOW, until=until, openings=openings)


@pytest.mark.parametrize(("openings", "seconds"), [(0, 10), (1, 20), (2, 40), (3, 60), (9_999, 60)])
def test_it_stays_open_twice_as_long_each_time_up_to_a_limit(openings: int, seconds: int) -> None:
    before = Breaker(openings=openings)
    assert opened(before, POLICY, now=NOW) == open_for(seconds, openings + 1)


@pytest.mark.parametrize(("asked", "seconds"), [(3, 10), (25, 25), (3600, 60)])
def test_an_authority_says_when_to_come_again_within_our_limit(asked: int, seconds: int) -> None:
    wish = timedelta(seconds=asked)
    assert opened(Breaker(), POLICY, now=NOW, retry_after=wish) == open_for(seconds, 1)


def test_a_probe_leaves_when_the_time_is_over_and_not_before() -> None:
    breaker = opened(Breaker(), POLICY, now=NOW)
    assert not breaker.may_probe(NOW + 9.9 * SECOND)
    assert breaker.may_probe(NOW + 10 * SECOND)


def test_only_one_probe_leaves_unless_it_is_lost() -> None:
    breaker = probing(opened(Breaker(), POLICY, now=NOW), now=NOW, patience=35 * SECOND)
    assert not breaker.may_probe(NOW + 34 * SECOND)
    assert breaker.may_probe(NOW + 35 * SECOND)


def test_a_probe_that_was_not_sent_makes_room_for_another_at_once() -> None:
    breaker = probing(opened(Breaker(), POLICY, now=NOW), now=NOW, patience=SECOND)
    assert given_back(breaker, now=NOW).may_probe(NOW)
    assert given_back(breaker, now=NOW).openings == 1


def test_a_failed_release_opens_for_longer_and_a_finished_one_forgets() -> None:
    breaker = released(open_for(10, 1), POLICY, now=NOW)
    assert (breaker.state, breaker.may_probe(NOW + 99 * SECOND)) == (BreakerState.RELEASING, False)
    assert not breaker.is_over(NOW + 29 * SECOND)
    assert breaker.is_over(NOW + 30 * SECOND)
    assert opened(breaker, POLICY, now=NOW) == open_for(20, 2)
    assert opened(closed(now=NOW), POLICY, now=NOW) == open_for(10, 1)


def test_a_closed_breaker_has_no_end() -> None:
    assert not Breaker().is_over(NOW)
    assert not closed(now=NOW).is_over(NOW + timedelta(days=999))


def test_a_clock_that_was_set_back_does_not_keep_it_open() -> None:
    breaker = opened(Breaker(), POLICY, now=NOW)
    assert not breaker.may_probe(NOW - SKEW)
    assert breaker.may_probe(NOW - timedelta(hours=1))
