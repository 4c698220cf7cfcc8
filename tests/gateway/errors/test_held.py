"""Calls that would wait for nothing."""

from datetime import timedelta

import pytest

from gateway.errors import ChannelHeldError, WindowClosedError


@pytest.mark.parametrize("kind", [ChannelHeldError, *ChannelHeldError.__subclasses__()])
def test_all_may_be_asked_again_and_none_is_the_fault_of_the_caller(
    kind: type[ChannelHeldError],
) -> None:
    assert kind.retryable
    assert kind.fault != "caller"


def test_the_error_says_how_long_to_wait() -> None:
    error = WindowClosedError("It opens at 05:00.", retry_after=timedelta(hours=1))
    assert (error.retry_after, error.message_id) == (timedelta(hours=1), None)
    assert WindowClosedError("It is closed.").retry_after is None
