"""How many may leave in a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.messaging.rate import Bucket, Rate


def test_after_a_rest_a_burst_leaves_and_then_one_after_the_other() -> None:
    bucket = Bucket(Rate(per_second=2, burst=3), now=100)
    assert bucket.available(100) == 3
    bucket.take(3)
    assert bucket.available(100) == 0
    assert bucket.seconds_to_next(100) == 0.5
    assert bucket.available(100.4) == 0
    assert bucket.seconds_to_next(100.4) == pytest.approx(0.1)
    assert bucket.available(100.5) == 1
    assert bucket.seconds_to_next(100.5) == 0
    assert bucket.available(1_000) == 3


def test_what_was_not_used_is_given_back() -> None:
    bucket = Bucket(Rate(per_second=1, burst=2), now=0)
    bucket.take(2)
    bucket.take(-1)
    assert bucket.available(0) == 1


def test_parts_of_a_token_add_up() -> None:
    bucket = Bucket(Rate(per_second=1), now=0)
    bucket.take(1)
    assert [bucket.available(third / 3) for third in (1, 2, 3)] == [0, 0, 1]


@given(
    st.floats(0.1, 1_000),
    st.integers(1, 50),
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
)
def test_no_more_leave_than_the_burst_and_what_the_time_brought(
    per_second: float, burst: int, pauses: list[float]
) -> None:
    bucket, now, taken = Bucket(Rate(per_second=per_second, burst=burst), now=0), 0.0, 0
    for pause in pauses:
        now += pause
        count = bucket.available(now)
        bucket.take(count)
        taken += count
    assert taken <= burst + per_second * now + 1e-6


def test_a_clock_that_stands_still_or_falls_back_brings_nothing() -> None:
    bucket = Bucket(Rate(per_second=1), now=10)
    bucket.take(1)
    assert bucket.available(5) == 0
