"""Quotas are counted for each caller, in windows that begin with a call."""

from dataclasses import replace

from gateway.flow.quotas import Quotas
from gateway.messaging.quota import RateLimit
from tests.gateway.flow.moments import Moments
from tests.gateway.flow.world import CALLER

LIMITED = replace(CALLER, rate_limit=RateLimit(calls=2, seconds=60))


def test_a_caller_without_a_quota_is_not_counted() -> None:
    assert Quotas().take(CALLER) is None


def test_calls_are_counted_until_the_window_is_over() -> None:
    moments = Moments()
    quotas = Quotas(moments)
    told = []
    for _ in range(3):
        quota = quotas.take(LIMITED)
        assert quota is not None
        told.append((quota.left, quota.exceeded, quota.resets_in))
        moments.pass_by(10.5)
    assert told == [(1, False, 60), (0, False, 50), (0, True, 39)]
    moments.pass_by(60 - 31.5)
    quota = quotas.take(LIMITED)
    assert quota is not None
    assert (quota.left, quota.exceeded, quota.resets_in) == (1, False, 60)


def test_callers_have_windows_of_their_own() -> None:
    quotas = Quotas(Moments())
    for caller in (LIMITED, replace(LIMITED, name="other"), replace(LIMITED, tenant="other")):
        quota = quotas.take(caller)
        assert quota is not None
        assert quota.left == 1
