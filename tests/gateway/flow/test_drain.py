"""How fast something ends, and what somebody who waits for room is told."""

import itertools
from datetime import timedelta

import pytest

from gateway.flow.drain import MEMORY_SECONDS, Drain

LONGEST = timedelta(seconds=100)


def steady(per_second: float, *, seconds: float = 60.0) -> tuple[Drain, float]:
    """A drain that something ended in steadily, and the moment of the last one."""
    drain, now = Drain(), 1_000.0
    for _ in range(int(per_second * seconds)):
        now += 1 / per_second
        drain.end(now)
    return drain, now


def test_what_ends_is_there_no_more() -> None:
    drain = Drain()
    drain.number = 1
    drain.end(5.0)
    drain.end(5.0)  # of another process, counted by nobody here
    assert drain.number == 0


@pytest.mark.parametrize("per_second", [1.0, 20.0, 500.0])
def test_a_steady_rate_is_measured(per_second: float) -> None:
    drain, now = steady(per_second)
    assert drain.rate(now) == pytest.approx(per_second, rel=0.1)


def test_a_rate_is_forgotten_when_nothing_ends_any_more() -> None:
    drain, now = steady(20.0)
    assert drain.rate(now + 5 * MEMORY_SECONDS) < 0.2


def test_who_is_refused_waits_for_as_many_as_must_end_first() -> None:
    drain, now = steady(2.0)
    drain.number = 29
    told = drain.promise(now, most=10, longest=LONGEST).total_seconds()
    assert told == pytest.approx(10, rel=0.1)


def test_each_is_told_a_moment_of_their_own() -> None:
    drain, now = steady(2.0)
    drain.number = 10
    told = [drain.promise(now, most=7, longest=LONGEST).total_seconds() for _ in range(20)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(told)]
    assert gaps == pytest.approx([0.5] * 19, rel=0.1)


def test_less_than_a_second_is_not_told() -> None:
    drain, now = steady(500.0)
    assert drain.promise(now, most=0, longest=LONGEST) == timedelta(seconds=1)


def test_where_nothing_ends_the_longest_wait_is_told() -> None:
    drain = Drain()
    assert drain.promise(5.0, most=0, longest=LONGEST) == LONGEST
    drain.number = 1_000
    assert drain.promise(5.0, most=1, longest=LONGEST) == LONGEST


def test_promises_that_are_past_count_no_more() -> None:
    drain, now = steady(2.0)
    for _ in range(100):
        drain.promise(now, most=0, longest=LONGEST)
    for _ in range(200):
        now += 0.5
        drain.end(now)
    assert drain.promise(now, most=0, longest=LONGEST) < timedelta(seconds=1.2)
