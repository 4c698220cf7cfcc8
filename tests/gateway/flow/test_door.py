"""How many calls are let in at a time."""

from dataclasses import replace

import pytest

from gateway.errors import BusyError, TooManyUnderWayError
from gateway.flow.door import LONGEST_WAIT, CallLimits, Door
from gateway.messaging.quota import RateLimit
from tests.gateway.flow.moments import Moments
from tests.gateway.flow.world import CALLER

OTHERS = [replace(CALLER, name=f"caller-{number}") for number in range(5)]


def test_one_caller_may_have_so_many_and_no_more() -> None:
    door = Door(CallLimits(calls=10, per_caller=2), Moments())
    door.enter(CALLER)
    door.enter(CALLER)
    with pytest.raises(TooManyUnderWayError, match="2 calls under way; it may have 2"):
        door.enter(CALLER)
    door.enter(OTHERS[0])
    assert door.calls == 3
    door.leave(CALLER)
    door.enter(CALLER)


def test_all_may_have_so_many_and_no_more() -> None:
    door = Door(CallLimits(calls=2, per_caller=2), Moments())
    for caller in OTHERS[:2]:
        door.enter(caller)
    with pytest.raises(BusyError) as caught:
        door.enter(CALLER)
    assert not isinstance(caught.value, TooManyUnderWayError)
    door.leave(OTHERS[0])
    door.enter(CALLER)
    assert door.calls == 2


def test_who_is_refused_is_told_what_the_present_rate_promises() -> None:
    moments = Moments()
    door = Door(CallLimits(calls=1, per_caller=1), moments)
    for _ in range(100):
        door.enter(CALLER)
        moments.pass_by(4.0)
        door.leave(CALLER)
    door.enter(CALLER)
    with pytest.raises(TooManyUnderWayError) as caught:
        door.enter(CALLER)
    assert 3 < caught.value.retry_after.total_seconds() < 7


def test_where_nothing_ends_nobody_waits_longer_than_a_call_takes() -> None:
    door = Door(CallLimits(calls=1, per_caller=1), Moments())
    door.enter(OTHERS[0])
    for _ in range(3):
        with pytest.raises(BusyError) as caught:
            door.enter(CALLER)
        assert caught.value.retry_after == LONGEST_WAIT


def test_quotas_are_counted_here_too() -> None:
    door = Door()
    assert door.take(CALLER) is None
    quota = door.take(replace(CALLER, rate_limit=RateLimit(calls=5, seconds=1)))
    assert quota is not None
    assert quota.left == 4
