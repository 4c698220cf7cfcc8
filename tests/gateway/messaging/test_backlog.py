"""What is counted of the backlog is a value."""

from gateway.messaging.backlog import Unsettled


def test_a_count_is_of_one_caller_and_channel() -> None:
    one = Unsettled(tenant="default", caller="city", channel="munich", count=2)
    assert one == Unsettled(tenant="default", caller="city", channel="munich", count=2)
