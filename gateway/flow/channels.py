"""What operators see of channels and can have done with them: pause, and let go on.

Kept out: what a pause does to messages (``gate``, ``dismiss``), and settings, which are read at the
start only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.flow.gate import Gate
from gateway.flow.gates import Gates
from gateway.messaging.breaker import Breaker
from gateway.messaging.channel_state import ChannelEntry, ChannelEvent, Pause
from gateway.messaging.condition import Queue
from gateway.messaging.party import Caller
from gateway.messaging.ports import Clock, MessageStore


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelView:
    """One channel as operators see it.

    Attributes:
        name: Name in the configuration.
        breaker: Its breaker.
        pause: Why it is paused; None: it is not.
        opens_at: When its next delivery window opens; None: one is open, or there are none.
        waiting: Messages that wait for an attempt.
        due_since: When the first of them was, or will be, due; None: none waits.
    """

    name: str
    breaker: Breaker
    pause: Pause | None
    opens_at: datetime | None
    waiting: int
    due_since: datetime | None


class Channels:
    """The use cases, each for operators only: ``PermissionDeniedError`` for anybody else."""

    def __init__(self, store: MessageStore, clock: Clock, gates: Gates) -> None:
        self._store = store
        self._clock = clock
        self._gates = gates

    async def listed(self, caller: Caller) -> list[ChannelView]:
        """Every channel that is open, in the order of the configuration."""
        caller.require_operator()
        queues = {queue.channel: queue for queue in await self._store.queues()}
        return [_view(gate, queues.get(gate.channel.name)) for gate in self._gates]

    async def pause(self, caller: Caller, name: str, *, reason: str) -> ChannelView:
        """Let nothing leave until the channel is resumed; a second pause gives a new reason.

        Messages on their way are left alone, callers who wait are told. Durable on return; other
        processes follow within about a second.

        Raises:
            UnknownChannelError: There is none of this name.
        """
        caller.require_operator()
        pause = Pause(since=self._clock.now(), by=caller.name, reason=reason)
        entry = ChannelEntry(
            at=pause.since, event=ChannelEvent.PAUSED, by=caller.name, reason=reason
        )
        await self._gates.pause(name, pause, entry)
        return await self._one(name)

    async def resume(self, caller: Caller, name: str) -> ChannelView:
        """Let messages leave again; a channel that is not paused is left as it is.

        Raises:
            UnknownChannelError: There is none of this name.
        """
        caller.require_operator()
        entry = ChannelEntry(at=self._clock.now(), event=ChannelEvent.RESUMED, by=caller.name)
        await self._gates.pause(name, None, entry)
        return await self._one(name)

    async def history(self, caller: Caller, name: str, *, limit: int) -> Sequence[ChannelEntry]:
        """The newest lines of a channel's history, newest first.

        Raises:
            UnknownChannelError: There is none of this name.
        """
        caller.require_operator()
        return await self._store.channel_history(self._gates.of(name).channel.name, limit=limit)

    async def _one(self, name: str) -> ChannelView:
        queues = {queue.channel: queue for queue in await self._store.queues()}
        return _view(self._gates.of(name), queues.get(name))


def _view(gate: Gate, queue: Queue | None) -> ChannelView:
    return ChannelView(
        name=gate.channel.name,
        breaker=gate.breaker,
        pause=gate.stored.pause,
        opens_at=gate.opens_at(),
        waiting=0 if queue is None else queue.waiting,
        due_since=None if queue is None else queue.due_since,
    )
