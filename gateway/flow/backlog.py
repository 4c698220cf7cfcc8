"""Back-pressure behind the door: how many accepted messages may be unsettled at a time.

A ``Witness`` counts in memory, so that accepting asks no store; the store is asked at the start and
again from time to time, because other processes accept and settle too. Calls that are checked at
the same time may pass a limit together. Kept out: calls under way (``door``).
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from gateway.errors import BusyError, ChannelFullError, StoreUnavailableError, TooManyUnderWayError
from gateway.flow.drain import Drain
from gateway.messaging.backlog import BacklogStore
from gateway.messaging.lifecycle import MOVING
from gateway.messaging.message import Message
from gateway.messaging.party import Caller
from gateway.messaging.ports import Step

RECOUNT_SECONDS = 10.0
"""Between two looks at the store."""

RESTS = 100.0
"""A look is followed by a pause at least so many times as long: a long queue is counted rarely."""

LONGEST_WAIT = timedelta(minutes=5)
"""Told while nothing is settled: a backend that is down comes back in minutes, not in seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BacklogLimits:
    """Most messages that are accepted and not settled.

    Attributes:
        messages: In all.
        per_caller: Of one caller.
        per_channel: In one channel.
    """

    messages: int = 500_000
    per_caller: int = 250_000
    per_channel: int = 100_000


class Backlog:
    """A ``Witness`` that counts, and a ``Chore`` that counts anew."""

    def __init__(
        self,
        store: BacklogStore,
        limits: BacklogLimits | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._store = store
        self._limits = limits or BacklogLimits()
        self._now = now
        self._all = Drain()
        self._callers: defaultdict[tuple[str, str], Drain] = defaultdict(Drain)
        self._channels: defaultdict[str, Drain] = defaultdict(Drain)
        self._stopping = asyncio.Event()
        self._main: asyncio.Task[None] | None = None

    def require_room(self, caller: Caller, channel: str) -> None:
        """Check that one more message may be accepted.

        Raises:
            ChannelFullError: As many wait for the channel as there may.
            TooManyUnderWayError: The caller has as many as one caller may have.
            BusyError: There are as many as there may be.
        """
        limits = self._limits
        own, there = self._callers[caller.tenant, caller.name], self._channels[channel]
        if there.number >= limits.per_channel:
            raise self._full(ChannelFullError, there, limits.per_channel, "for the recipient")
        if own.number >= limits.per_caller:
            raise self._full(TooManyUnderWayError, own, limits.per_caller, "of the caller")
        if self._all.number >= limits.messages:
            raise self._full(BusyError, self._all, limits.messages, "in all")

    def accepted(self, message: Message) -> None:
        """See ``Witness``."""
        for drain in self._drains(message):
            drain.number += 1

    def moved(self, step: Step, message: Message) -> None:
        """See ``Witness``."""
        settled_before = MOVING.isdisjoint(step.start)
        settles = message.state not in MOVING
        if settled_before == settles:
            return
        if not settles:
            self.accepted(message)
            return
        now = self._now()
        for drain in self._drains(message):
            drain.end(now)

    def exchanged(self, message: Message, *, seconds: float) -> None:
        """See ``Witness``; settles nothing."""

    def answered(self, message: Message, *, authority_seconds: float) -> None:
        """See ``Witness``; ``moved`` told so already."""

    def start(self, group: asyncio.TaskGroup) -> None:
        """See ``Chore``."""
        self._stopping.clear()
        self._main = group.create_task(self._run())

    async def stop(self) -> None:
        """See ``Chore``."""
        self._stopping.set()
        if self._main is not None:
            await self._main

    async def recount(self) -> None:
        """Take over what the store counts.

        Raises:
            StoreUnavailableError: The counts stay as they were.
        """
        found = await self._store.unsettled()
        for drain in (self._all, *self._callers.values(), *self._channels.values()):
            drain.number = 0
        for one in found:
            self._all.number += one.count
            self._callers[one.tenant, one.caller].number += one.count
            self._channels[one.channel].number += one.count

    async def _run(self) -> None:
        while not self._stopping.is_set():
            began = self._now()
            pause = RECOUNT_SECONDS
            try:
                await self.recount()
                pause = max(pause, RESTS * (self._now() - began))
            except StoreUnavailableError:
                pass  # nothing is accepted meanwhile anyway
            await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _drains(self, message: Message) -> tuple[Drain, Drain, Drain]:
        return (
            self._all,
            self._callers[message.tenant, message.caller],
            self._channels[message.channel],
        )

    def _full(self, kind: type[BusyError], drain: Drain, most: int, whose: str) -> BusyError:
        return kind(
            f"{drain.number} messages {whose} are not settled; there may be {most}.",
            retry_after=drain.promise(self._now(), most=most, longest=LONGEST_WAIT),
        )
