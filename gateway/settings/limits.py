"""Back-pressure: how much the gateway takes at a time before it asks callers to come back later.

Kept out: counting (``gateway.flow.door``, ``gateway.flow.backlog``).
"""

from pydantic import Field

from gateway.flow.backlog import BacklogLimits
from gateway.flow.door import CallLimits
from gateway.settings.section import Section


class LimitSettings(Section):
    """Most calls and messages at a time; one more is refused with 429 or 503 and ``Retry-After``.

    Generous: they are there so that memory and disk have a bound, not to share out capacity.
    """

    calls: int = Field(default=4_000, ge=1)
    """Calls of operations at a time, waiting ones too, of this process. Each takes 30 kB and its
    body."""

    calls_per_caller: int = Field(default=2_000, ge=1)
    """The same of one caller."""

    messages: int = Field(default=500_000, ge=1)
    """Accepted messages that are not settled, in all."""

    messages_per_caller: int = Field(default=250_000, ge=1)
    """The same of one caller."""

    messages_per_channel: int = Field(default=100_000, ge=1)
    """The same in one channel. What one backend leaves waiting takes no room from the others."""

    def to_call_limits(self) -> CallLimits:
        """The limits at the door."""
        return CallLimits(calls=self.calls, per_caller=self.calls_per_caller)

    def to_backlog_limits(self) -> BacklogLimits:
        """The limits of what is not settled."""
        return BacklogLimits(
            messages=self.messages,
            per_caller=self.messages_per_caller,
            per_channel=self.messages_per_channel,
        )
