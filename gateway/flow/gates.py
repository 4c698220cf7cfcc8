"""The gates of all channels: what they decide is remembered by the store and shared by processes.

A channel's state is read from the store about once a second, never for a message. What this
process finds out is written behind: a crash forgets failures it counted, nothing else. Only for a
probe the store is asked first, so that of several processes one sends it. Kept out: deciding
(``gate``), and telling those who wait (``dismiss``).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.errors import DeliveryError, StoreUnavailableError, UnknownChannelError
from gateway.flow.gate import Gate, Hold
from gateway.messaging.channel import Channel
from gateway.messaging.channel_state import ChannelEntry, ChannelEvent, ChannelState, Pause
from gateway.messaging.condition import ChannelCondition
from gateway.messaging.message import Message
from gateway.messaging.ports import Clock, MessageStore

REFRESH_SECONDS = 1.0
"""How old what is known of a channel may be."""

SHORTEST_SECONDS = 0.01
"""Messages that wait for a rate are looked at no more often: many leave at a time then."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """How many messages may leave.

    Attributes:
        count: So many.
        is_probe: Whether it is one, to see whether the authority answers.
        is_idle: Whether none may because none is due.
    """

    count: int
    is_probe: bool = False
    is_idle: bool = False


NOBODY = Admission(count=0)


class Gates:
    """Every channel's gate; used from one event loop only."""

    def __init__(self, store: MessageStore, clock: Clock, channels: Iterable[Channel]) -> None:
        self._store = store
        self._clock = clock
        self._gates = {channel.name: Gate(channel, clock) for channel in channels}
        self._alarm = asyncio.Event()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._running = False
        self._main: asyncio.Task[None] | None = None
        self._held: Callable[[str, Hold], Awaitable[None]]  # from the start on
        self._freed: Callable[[str], None]

    def __iter__(self) -> Iterator[Gate]:
        return iter(self._gates.values())

    async def start(
        self,
        group: asyncio.TaskGroup,
        *,
        held: Callable[[str, Hold], Awaitable[None]],
        freed: Callable[[str], None],
    ) -> None:
        """Read what is remembered of the channels, and keep it up to date from then on.

        Args:
            group: The task that does so belongs to it.
            held: Called, again and again, while nothing may leave through a channel.
            freed: Called when something may leave through a channel again.
        """
        self._held, self._freed = held, freed
        await self._read()
        self._running = True
        self._main = group.create_task(self._run())

    async def stop(self) -> None:
        """Write what is not written yet, as far as the store takes it."""
        self._running = False
        self._alarm.set()
        for timer in self._timers.values():
            timer.cancel()
        if self._main is not None:
            await self._main

    def of(self, channel: str) -> Gate:
        """The gate of one channel.

        Raises:
            UnknownChannelError: There is none of this name.
        """
        try:
            return self._gates[channel]
        except KeyError:
            raise UnknownChannelError("No channel of this name is configured and open.") from None

    def conditions(self) -> Mapping[str, ChannelCondition]:
        """How every channel is now."""
        return {name: gate.condition() for name, gate in self._gates.items()}

    def hold(self, channel: str) -> Hold | None:
        """Why nothing leaves through a channel now; None: something may."""
        return self._gates[channel].hold()

    def holds(self, channel: str) -> bool:
        """Whether nothing leaves through a channel now; ``freed`` is called when that changes."""
        gate = self._gates.get(channel)
        if gate is None or gate.hold() is None:
            return False
        gate.free_since = None
        return True

    def lets_in(self, channel: str) -> bool:
        """Whether a message whose caller waits may leave at once."""
        return self._gates[channel].lets_in()

    def took(self, channel: str) -> None:
        """Count a message that leaves at once."""
        self._gates[channel].took(1)

    def ended(
        self, message: Message, failure: DeliveryError | None = None, *, cut_short: bool = False
    ) -> None:
        """Take note of how an exchange with the authority ended; see ``Gate.ended``."""
        if self._gates[message.channel].ended(message.id, failure, cut_short=cut_short):
            self._alarm.set()

    def rests(self, channel: str) -> None:
        """Tell those who wait soon, if nothing leaves: a message has come back unsent."""
        if self.holds(channel):
            self._alarm.set()

    def outage_until(self, channel: str) -> datetime | None:
        """When the channel's breaker lets something out again; None: it is not open."""
        return self._gates[channel].outage_until()

    def reachable(self, channel: str, deadline: datetime) -> datetime:
        """See ``Channel.reachable``; of a channel taken away, the deadline as it is."""
        gate = self._gates.get(channel)
        return deadline if gate is None else gate.channel.reachable(deadline)

    async def admit(self, channel: str, room: int) -> Admission:
        """How many messages may be taken for delivery now, up to ``room``; tell ``sends`` then.

        Where none may, and some are due, ``freed`` is called when that changes.
        """
        gate = self._gates[channel]
        if self.holds(channel):
            return NOBODY
        if gate.may_probe():
            return await self._probe(gate)
        count = min(room, gate.tokens())
        gate.took(count)
        if count == 0:
            self._free_later(gate)
        return Admission(count=count)

    def sends(self, channel: str, admission: Admission, messages: Sequence[Message]) -> None:
        """Take note of which messages leave, of as many as were admitted or fewer."""
        gate = self._gates[channel]
        if admission.is_probe:
            gate.sends(messages[0].id if messages else None)
        else:
            gate.took(len(messages) - admission.count)

    async def pause(self, channel: str, pause: Pause | None, entry: ChannelEntry) -> None:
        """Pause a channel, or let it go on; durable on return. One that goes on is left as it is.

        Raises:
            UnknownChannelError: There is none of this name.
        """
        gate = self.of(channel)
        stored = None
        while stored is None:  # another change may be faster
            newest = await self._newest(gate)
            if pause is None and newest.pause is None:
                return
            stored = await self._store.change_channel(replace(newest, pause=pause), entry)
        if not gate.unwritten:
            gate.adopt(stored)
        _record(entry.event, channel, caller=entry.by)
        self._alarm.set()

    async def _probe(self, gate: Gate) -> Admission:
        name, now = gate.channel.name, self._clock.now()
        queues = await self._store.queues()
        is_due = any(one.channel == name and one.due_since <= now for one in queues)
        if not is_due:
            return Admission(count=0, is_idle=True)
        stored = None
        if not gate.unwritten and gate.may_probe():
            stored = await self._store.change_channel(gate.probing())
        if stored is None:  # another process was faster
            gate.free_since = None
            self._alarm.set()
            return NOBODY
        gate.adopt(stored)
        _record(ChannelEvent.PROBED, name)
        return Admission(count=1, is_probe=True)

    def _free_later(self, gate: Gate) -> None:
        name = gate.channel.name
        if name not in self._timers:
            seconds = max(gate.seconds_to_next(), SHORTEST_SECONDS)
            loop = asyncio.get_running_loop()
            self._timers[name] = loop.call_later(seconds, self._free_now, name)

    def _free_now(self, name: str) -> None:
        del self._timers[name]
        self._freed(name)

    async def _run(self) -> None:
        while self._running:
            with suppress(StoreUnavailableError):
                await self._read()
            with suppress(StoreUnavailableError):
                await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._alarm.wait()
            self._alarm.clear()
        with suppress(StoreUnavailableError):
            await self._write_all()

    def _pause(self) -> float:
        """Until the next look: shorter if a hold ends before."""
        now = self._clock.now()
        ends = [hold.until - now for gate in self if (hold := gate.hold()) and hold.until]
        return min([REFRESH_SECONDS, *(max(end, timedelta()).total_seconds() for end in ends)])

    async def _look(self) -> None:
        for gate in self:
            gate.look()
        await self._write_all()
        for gate in self:
            hold = gate.hold()
            if hold is not None:
                gate.free_since = None
                await self._held(gate.channel.name, hold)
            elif gate.free_since is None:
                gate.free_since = self._clock.now()
                self._freed(gate.channel.name)

    async def _read(self) -> None:
        """Take over what other processes have made of the channels."""
        for state in await self._store.channel_states():
            gate = self._gates.get(state.name)
            if gate is not None and not gate.unwritten and state.revision != gate.stored.revision:
                gate.adopt(state)

    async def _write_all(self) -> None:
        for gate in self:
            if gate.unwritten:
                await self._write(gate)

    async def _write(self, gate: Gate) -> None:
        events = list(gate.unwritten)
        wanted = replace(gate.stored, breaker=gate.breaker)
        stored = await self._store.change_channel(wanted, self._line(gate, events[-1]))
        if stored is not None:
            gate.wrote(stored, len(events))
            for event in events:
                _record(event, gate.channel.name)
            return
        newest = await self._newest(gate)
        if newest.breaker == gate.stored.breaker:  # a pause came between: it changes nothing here
            gate.wrote(newest, 0)
            self._alarm.set()
        else:
            gate.adopt(newest)

    def _line(self, gate: Gate, event: ChannelEvent) -> ChannelEntry | None:
        """What the history keeps of an outage: its beginning and its end."""
        begins = event is ChannelEvent.OPENED and gate.breaker.openings == 1
        if not begins and event is not ChannelEvent.CLOSED:
            return None
        return ChannelEntry(at=gate.breaker.since or self._clock.now(), event=event)

    async def _newest(self, gate: Gate) -> ChannelState:
        states = {state.name: state for state in await self._store.channel_states()}
        return states.get(gate.channel.name, ChannelState(name=gate.channel.name))


def _record(event: ChannelEvent, channel: str, *, caller: str | None = None) -> None:
    """Write the log record of what happened to a channel."""
    level = logging.WARNING if event is ChannelEvent.OPENED else logging.INFO
    extra = {"event": str(event), "channel": channel, "caller": caller}
    _log.log(level, event.replace(".", " "), extra=extra)
