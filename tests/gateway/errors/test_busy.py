"""Errors of too much at a time say when to come back."""

from datetime import timedelta

import pytest

from gateway.api.problems import problem_of
from gateway.errors import BusyError, ChannelFullError, RateLimitedError, TooManyUnderWayError


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (BusyError, 503),
        (ChannelFullError, 503),
        (TooManyUnderWayError, 429),
        (RateLimitedError, 429),
    ],
)
def test_the_wait_is_told_in_whole_seconds_never_too_short(
    kind: type[BusyError], status: int
) -> None:
    problem = problem_of(kind("Full.", retry_after=timedelta(seconds=6.2)))
    assert (problem.status, problem.headers, problem.retryable) == (
        status,
        {"Retry-After": "7"},
        True,
    )
