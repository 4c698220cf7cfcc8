"""Limits become the values that are counted against."""

from gateway.flow.backlog import BacklogLimits
from gateway.flow.door import CallLimits
from gateway.settings.limits import LimitSettings


def test_the_usual_limits_are_those_of_the_code() -> None:
    assert LimitSettings().to_call_limits() == CallLimits()
    assert LimitSettings().to_backlog_limits() == BacklogLimits()


def test_each_setting_is_one_limit() -> None:
    limits = LimitSettings(
        calls=5, calls_per_caller=4, messages=3, messages_per_caller=2, messages_per_channel=1
    )
    assert limits.to_call_limits() == CallLimits(calls=5, per_caller=4)
    assert limits.to_backlog_limits() == BacklogLimits(messages=3, per_caller=2, per_channel=1)
