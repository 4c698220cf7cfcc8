"""Calls that come when there is no room for them: nothing was accepted, nothing is wrong with them.

``retry_after`` is when there will be room, as far as the gateway can tell.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from gateway.errors.error import Fault, GatewayError, Place


class BusyError(GatewayError):
    """The gateway has as many calls or messages as it takes at a time."""

    code = "gateway-busy"
    retryable = True
    next_step = "Send the call again after the time in `Retry-After`; nothing was accepted."

    def __init__(
        self,
        detail: str,
        *,
        places: Sequence[Place] = (),
        retry_after: timedelta = timedelta(seconds=1),
    ) -> None:
        super().__init__(detail, places=places)
        self.retry_after = retry_after


class ChannelFullError(BusyError):
    """As many messages wait for the recipient's backend as the gateway takes for it."""

    code = "channel-full"
    fault: ClassVar[Fault] = "transport"
    next_step = (
        "Send the call again after the time in `Retry-After`; if it goes on, the operator looks at"
        " the channel."
    )


class TooManyUnderWayError(BusyError):
    """The caller has as many calls or messages under way as one caller may have."""

    code = "too-many-under-way"
    fault: ClassVar[Fault] = "caller"
    next_step = "Wait for answers before sending more, and for the time in `Retry-After`."


class RateLimitedError(BusyError):
    """The caller has made as many calls as it may within the time that `RateLimit` tells."""

    code = "rate-limited"
    fault: ClassVar[Fault] = "caller"
    next_step = "Send calls as `RateLimit` allows; the next one after the time in `Retry-After`."
