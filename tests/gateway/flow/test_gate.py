"""How many calls are let in at a time."""

from dataclasses import replace

import pytest

from gateway.errors import BusyError, TooManyUnderWayError
from gateway.flow.gate import LONGEST_WAIT, CallLimits, Gate
from gateway.messaging.rate import RateLimit
from tests.gateway.flow.moments import Moments
from tests.gateway.flow.world import CALLER

OTHERS = [replace(CALLER, name=f"caller-{number}") for number in range(5)]


def test_one_caller_may_have_so_many_and_no_more() -> None:
    gate = Gate(CallLimits(calls=10, per_caller=2), Moments())
    gate.enter(CALLER)
    gate.enter(CALLER)
    with pytest.raises(TooManyUnderWayError, match="2 calls under way; it may have 2"):
        gate.enter(CALLER)
    gate.enter(OTHERS[0])
    assert gate.calls == 3
    gate.leave(CALLER)
    gate.enter(CALLER)


def test_all_may_have_so_many_and_no_more() -> None:
    gate = Gate(CallLimits(calls=2, per_caller=2), Moments())
    for caller in OTHERS[:2]:
        gate.enter(caller)
    with pytest.raises(BusyError) as caught:
        gate.enter(CALLER)
    assert not isinstance(caught.value, TooManyUnderWayError)
    gate.leave(OTHERS[0])
    gate.enter(CALLER)
    assert gate.calls == 2


def test_who_is_refused_is_told_what_the_present_rate_promises() -> None:
    moments = Moments()
    gate = Gate(CallLimits(calls=1, per_caller=1), moments)
    for _ in range(100):
        gate.enter(CALLER)
        moments.pass_by(4.0)
        gate.leave(CALLER)
    gate.enter(CALLER)
    with pytest.raises(TooManyUnderWayError) as caught:
        gate.enter(CALLER)
    assert 3 < caught.value.retry_after.total_seconds() < 7


def test_where_nothing_ends_nobody_waits_longer_than_a_call_takes() -> None:
    gate = Gate(CallLimits(calls=1, per_caller=1), Moments())
    gate.enter(OTHERS[0])
    for _ in range(3):
        with pytest.raises(BusyError) as caught:
            gate.enter(CALLER)
        assert caught.value.retry_after == LONGEST_WAIT


def test_quotas_are_counted_here_too() -> None:
    gate = Gate()
    assert gate.take(CALLER) is None
    quota = gate.take(replace(CALLER, rate_limit=RateLimit(calls=5, seconds=1)))
    assert quota is not None
    assert quota.left == 4
