"""How many calls a caller may make in a time, and how many are left. Values only.

Source: draft-ietf-httpapi-ratelimit-headers-11. Kept out: counting (``gateway.flow.quotas``) and
header fields (``gateway.api.rate_headers``).
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RateLimit:
    """A quota of calls for each window.

    Attributes:
        calls: Most calls within a window, at least 1.
        seconds: Length of a window, whole seconds, at least 1. It begins with a call.
    """

    calls: int
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """What is left of a quota after a call was counted.

    Attributes:
        limit: The quota.
        left: Calls that may still be made in this window.
        exceeded: Whether the call was one too many.
        resets_in: Whole seconds until the next window, rounded up.
    """

    limit: RateLimit
    left: int
    exceeded: bool
    resets_in: int
