"""What is remembered of a channel beside its settings: its breaker, whether it is paused, and why.

Kept by the store, so that it outlives the process and is shared by all of them. Values and the port
only; kept out: who changes it (``gateway.flow.gates``, ``gateway.flow.channels``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.messaging.breaker import Breaker


class ChannelEvent(StrEnum):
    """Stable names of what happens to a channel, in its history and in the logs."""

    OPENED = "channel.opened"
    PROBED = "channel.probed"
    RELEASED = "channel.released"
    CLOSED = "channel.closed"
    PAUSED = "channel.paused"
    RESUMED = "channel.resumed"


MEANINGS: dict[ChannelEvent, str] = {
    ChannelEvent.OPENED: "The breaker opened: the authority cannot be reached; nothing leaves.",
    ChannelEvent.PROBED: "One message leaves to see whether the authority answers. Logs only.",
    ChannelEvent.RELEASED: "It answered; what waits leaves at a limited rate. Logs only.",
    ChannelEvent.CLOSED: "The breaker closed: messages leave as usual.",
    ChannelEvent.PAUSED: "An operator paused the channel; nothing leaves.",
    ChannelEvent.RESUMED: "An operator let it go on.",
}
"""What each event says, one sentence each or two."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Somebody's decision that nothing leaves.

    Attributes:
        since: When; aware, UTC.
        by: Name of the caller who said so.
        reason: In the operator's words.
    """

    since: datetime
    by: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelState:
    """One channel at one moment.

    Attributes:
        name: Name of the channel; it may be configured no more.
        breaker: Its breaker.
        pause: Why it is paused; None: it is not.
        revision: How often it was changed; a change is decided on one revision and refused on any
            other, so that two processes never undo each other's.
    """

    name: str
    breaker: Breaker = field(default_factory=Breaker)
    pause: Pause | None = None
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelEntry:
    """One line of a channel's history.

    Attributes:
        at: When; aware, UTC.
        event: What happened.
        by: Name of the caller who did it; None: the gateway itself.
        reason: In the operator's words, or None.
    """

    at: datetime
    event: ChannelEvent
    by: str | None = None
    reason: str | None = None


class ChannelStates(Protocol):
    """Remembers the states of channels. Raises ``StoreUnavailableError`` like ``MessageStore``."""

    async def channel_states(self) -> Sequence[ChannelState]:
        """Every channel that was ever changed, in no order."""
        ...

    async def change_channel(
        self, state: ChannelState, entry: ChannelEntry | None = None
    ) -> ChannelState | None:
        """Make a change durable, with its line of history if it is worth one.

        Args:
            state: The channel as it shall be; ``revision`` is the one that this was decided on.
            entry: What is kept in the history for ever.

        Returns:
            The state as stored, with the next revision; None: another change was faster, and
            nothing was stored.
        """
        ...

    async def channel_history(self, name: str, *, limit: int) -> Sequence[ChannelEntry]:
        """The newest lines of one channel's history, newest first."""
        ...
