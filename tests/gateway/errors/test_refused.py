"""Refused calls."""

import pytest

from gateway.errors import (
    ChannelClosedError,
    ChannelHeldError,
    MessageInDoubtError,
    MessageRefusedError,
)

CALLERS = [kind for kind in MessageRefusedError.__subclasses__() if kind is not ChannelHeldError]


def test_a_refusal_may_name_the_message_that_is_in_the_way() -> None:
    assert MessageInDoubtError("It was sent.", message_id="1").message_id == "1"
    assert MessageInDoubtError("It was sent.").message_id is None


@pytest.mark.parametrize("kind", CALLERS)
def test_a_refusal_is_the_fault_of_the_caller(kind: type[MessageRefusedError]) -> None:
    assert kind.fault == "caller"


def test_a_closed_channel_is_not() -> None:
    assert (ChannelClosedError.fault, ChannelClosedError.retryable) == ("configuration", True)
