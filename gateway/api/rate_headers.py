"""Tell a caller its quota: the fields ``RateLimit-Policy`` and ``RateLimit``, and 429 beyond it.

Source: draft-ietf-httpapi-ratelimit-headers-11 §3, §4, §6. Kept out: counting
(``gateway.flow.quotas``).
"""

from datetime import timedelta

from starlette.types import Scope

from gateway.errors import RateLimitedError
from gateway.flow.door import Door
from gateway.messaging.party import Caller
from gateway.messaging.quota import Quota

POLICY = "default"
"""Name of the one policy there is."""

QUOTA = "gateway.quota"
"""Where the quota stands in the scope of a request; the border reads it."""


def count_call(door: Door, caller: Caller, scope: Scope) -> None:
    """Count a request against its caller's quota and note what is left.

    Raises:
        RateLimitedError: It was one too many.
    """
    quota = door.take(caller)
    if quota is None:
        return
    scope[QUOTA] = quota
    if quota.exceeded:
        limit = quota.limit
        raise RateLimitedError(
            f"The caller may make {limit.calls} calls in {limit.seconds} s and has made them.",
            retry_after=timedelta(seconds=quota.resets_in),
        )


def quota_headers(quota: Quota) -> list[tuple[bytes, bytes]]:
    """The two fields as ASGI has them.

    The window that ``t`` tells ends when ``Retry-After`` of a 429 does, as §6 asks.
    """
    limit = quota.limit
    policy = f'"{POLICY}";q={limit.calls};w={limit.seconds}'
    state = f'"{POLICY}";r={quota.left};t={quota.resets_in}'
    return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", state.encode())]
