"""Calls that come while nothing leaves through their channel: they need not wait for nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from gateway.errors.error import Fault, Place
from gateway.errors.refused import MessageRefusedError


class ChannelHeldError(MessageRefusedError):
    """Nothing leaves through the channel now, and a query's caller would wait in vain.

    ``retry_after`` is how long that lasts; None: nobody knows.
    """

    code = "channel-held"
    fault: ClassVar[Fault] = "gateway"
    retryable = True
    next_step = "Ask again after the time in `Retry-After`, or ask with `Prefer: respond-async`."

    def __init__(
        self,
        detail: str,
        *,
        places: Sequence[Place] = (),
        message_id: str | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(detail, places=places, message_id=message_id)
        self.retry_after = retry_after


class AuthorityUnreachableError(ChannelHeldError):
    """The authority did not answer several times in a row; the gateway gives it time."""

    code = "authority-unreachable"
    fault: ClassVar[Fault] = "transport"
    next_step = (
        "Ask again after the time in `Retry-After`, or ask with `Prefer: respond-async`: the "
        "gateway then tries until it answers."
    )


class WindowClosedError(ChannelHeldError):
    """The authority takes messages at certain hours only, and this is none of them."""

    code = "window-closed"
    fault: ClassVar[Fault] = "authority"
    next_step = (
        "Ask again after the time in `Retry-After`, or ask with `Prefer: respond-async`: the "
        "gateway then sends it when the authority opens."
    )


class ChannelPausedError(ChannelHeldError):
    """An operator of the gateway paused the channel."""

    code = "channel-paused"
    next_step = (
        "Ask the operator how long it lasts, or ask with `Prefer: respond-async`: the gateway then "
        "sends it when the channel goes on."
    )
