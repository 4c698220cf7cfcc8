"""Quotas are values."""

from gateway.messaging.quota import Quota, RateLimit


def test_a_quota_knows_its_limit() -> None:
    limit = RateLimit(calls=10, seconds=60)
    quota = Quota(limit=limit, left=3, exceeded=False, resets_in=12)
    assert quota == Quota(
        limit=RateLimit(calls=10, seconds=60), left=3, exceeded=False, resets_in=12
    )
