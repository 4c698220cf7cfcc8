"""The pump: runs every delivery, as a task of its own, never in a request handler.

It sleeps until a delivery or deadline is due, or until it is woken; it takes only what a channel
can send at once. What fails unexpectedly is logged with type and frames, without its text, and its
message stays recoverable.
"""

import asyncio
import logging
import traceback
from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta

from gateway.errors import OutcomeUnknownError, StoreUnavailableError, TransitionConflictError
from gateway.flow.accept import accept
from gateway.flow.check import Checked
from gateway.flow.deliver import deliver, fail
from gateway.flow.directory import Lane
from gateway.flow.events import Event, record
from gateway.flow.expire import expire_overdue
from gateway.flow.fault_points import FaultPoint
from gateway.flow.fresh import FreshWires
from gateway.flow.gates import Admission
from gateway.flow.journey import Journey
from gateway.messaging.breaker import SKEW
from gateway.messaging.lifecycle import is_settled
from gateway.messaging.message import Message

BREATH = timedelta(seconds=1)
"""Pause after a failed round, and between rounds while only full channels have something due."""

LOOK = timedelta(seconds=5)
"""Longest sleep: times are those of a clock that may be set, sleeps are not."""

BATCH = 32
"""Messages taken at a time; the rest of a channel's room stays free for callers that wait."""

_log = logging.getLogger(__name__)


class Pump:
    """Deliveries of this process, by channel; used from one event loop only.

    Attributes:
        fresh: Takes the wire forms of messages that are handed over.
    """

    def __init__(self, journey: Journey, lanes: Mapping[str, Lane]) -> None:
        self.fresh = FreshWires()
        self._journey = journey
        self._lanes = lanes
        self._free = {name: lane.channel.max_in_flight for name, lane in lanes.items()}
        self._awake: set[str] = set()
        self._short: set[str] = set()
        self._cut_off: list[Message] = []
        self._latest: datetime | None = None
        self._alarm = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup  # from the start on
        self._main: asyncio.Task[None] | None = None
        self._running = False
        self._is_held_up = False

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin to deliver what is due; every task belongs to ``group``."""
        self._group = group
        self._running = True
        self._main = group.create_task(self._run())

    async def stop(self) -> None:
        """Take no more; wait for running attempts up to their channels' time-out, then cut off.

        An attempt that is cut off counts as sent at the next start.
        """
        self._running = False
        self._alarm.set()
        if self._main is not None:
            await self._main
        longest = max((lane.channel.timeout for lane in self._lanes.values()), default=timedelta())
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=longest.total_seconds())
        for task in self._tasks:
            task.cancel()

    def wake(self, channel: str) -> None:
        """Look at a channel, where something may be due: at once if it has room, else soon.

        A channel that is full, or held, wakes us by itself when it has room; until then only new
        deadlines count, and a burst of messages would have them looked up for each.
        """
        if self._free.get(channel, 1) > 0 and not self._journey.gates.holds(channel):
            self._look_at(channel)
            return
        self._awake.add(channel)
        self._short.add(channel)
        if self._later is None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(BREATH.total_seconds(), self._look_now)

    def _look_at(self, channel: str) -> None:
        if channel in self._lanes:  # another process may have channels that this one has not
            self._awake.add(channel)
            self._alarm.set()

    def _look_now(self) -> None:
        self._later = None
        self._alarm.set()

    def look(self) -> None:
        """Look at every channel at once."""
        self._awake.update(self._lanes)
        self._alarm.set()

    def has_room(self, channel: str) -> bool:
        """Whether the channel can send one more message at once and nothing waits before it."""
        return (
            self._running
            and self._free[channel] > 0
            and channel not in self._short
            and self._journey.gates.lets_in(channel)
        )

    def begin(self, message: Message, checked: Checked) -> None:
        """Accept a message whose caller waits, and make its first attempt; there must be room."""
        self._free[message.channel] -= 1
        self._journey.gates.took(message.channel)
        self._spawn(message.channel, self._accept_and_deliver(message, checked))

    async def _accept_and_deliver(self, message: Message, checked: Checked) -> None:
        try:
            stages = await accept(self._journey, message, checked)
        except Exception as error:  # noqa: BLE001 - whatever it is, the waiting caller is told
            self._journey.waiting.refuse(message.id, error)
            return
        await self._guarded(message, deliver(self._journey, checked.lane, message, wire=stages[1]))

    async def _guarded(self, message: Message, delivery: Coroutine[None, None, Message]) -> None:
        try:
            after = await delivery
        except Exception as error:  # noqa: BLE001 - one bad message must not stop the others
            log_unexpected(error, message)
            self._cut_off.append(message)
            self._look_at(message.channel)
        else:
            if not is_settled(after.state):
                self._look_at(message.channel)  # it has a next attempt or a deadline now
                self._journey.gates.rests(message.channel)

    def _spawn(self, channel: str, work: Coroutine[None, None, None]) -> None:
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(channel, done))

    def _ended(self, channel: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._free[channel] += 1
        if channel in self._short:
            self.wake(channel)

    async def _run(self) -> None:
        woken: set[str] | None = None
        while self._running:
            try:
                pause = await self._round(woken)
                self._is_held_up = False
            except StoreUnavailableError as error:  # e.g. a full disk: try again
                self._note_hold_up(error)
                pause = BREATH
            except Exception as error:  # noqa: BLE001 - whatever it is: try again, never die
                log_unexpected(error, None)
                pause = BREATH
            woken = await self._sleep(pause)

    def _note_hold_up(self, error: StoreUnavailableError) -> None:
        """Log once, and not each second, that nothing is delivered."""
        if not self._is_held_up:
            self._is_held_up = True
            extra = {"event": "delivery.held_up", "code": error.code}
            _log.warning("nothing is delivered: the store cannot be used", extra=extra)

    async def _round(self, woken: set[str] | None) -> timedelta | None:
        """Start what is due.

        Args:
            woken: Channels to look at; None: all of them, and the deadlines.

        Returns:
            How long to sleep; None: until woken.
        """
        began = self._journey.clock.now()
        await self._look_at_clock(began)
        await self._settle_cut_off()
        if woken is None:
            await expire_overdue(self._journey)
        for channel in self._lanes if woken is None else woken:
            await self._lease(channel)
        # A channel that takes no more wakes us when it does; it must not hide what others wait for.
        due = await self._journey.store.next_due_at(but=self._short)
        if due is None:
            return None
        if woken is None and due <= began:
            return BREATH  # of a channel taken away
        return max(due - self._journey.clock.now(), timedelta())

    async def _look_at_clock(self, now: datetime) -> None:
        """Plan anew what was planned by a clock that was set back meanwhile, or before the start.

        Without that, it would wait until the clock has come there once more.
        """
        if self._latest is None or now < self._latest - SKEW:
            lanes = [lane.channel for lane in self._lanes.values()]
            waits = [max(one.retry.longest_wait, one.breaker.longest_open) for one in lanes]
            later_than = now + max(waits, default=timedelta()) + SKEW
            count = await self._journey.store.plan_anew(later_than=later_than, now=now)
            if count:
                extra = {"event": "deliveries.planned_anew", "count": count}
                _log.warning("the clock was set back", extra=extra)
            self._latest = now
        self._latest = max(now, self._latest)

    async def _lease(self, channel: str) -> None:
        while self._running and (limit := min(self._free[channel], BATCH)) > 0:
            admission = await self._journey.gates.admit(channel, limit)
            if admission.is_idle:
                self._short.discard(channel)
                return
            if admission.count == 0:
                break
            if await self._lease_batch(channel, admission) < admission.count:
                self._short.discard(channel)
                return
        self._short.add(channel)

    async def _lease_batch(self, channel: str, admission: Admission) -> int:
        leased: list[Message] = []
        limit = admission.count
        self._free[channel] -= limit
        try:
            leased = await self._journey.store.lease_due(
                channel=channel, now=self._journey.clock.now(), limit=limit
            )
        finally:
            self._free[channel] += limit - len(leased)
            self._journey.gates.sends(channel, admission, leased)
        if leased:
            self._journey.hit(FaultPoint.PUMP_AFTER_LEASE)
        for message in leased:
            record(Event.DELIVERY_STARTED, message)
            wire = self.fresh.take(message.id)
            delivery = deliver(self._journey, self._lanes[channel], message, wire=wire)
            self._spawn(channel, self._guarded(message, delivery))
        return len(leased)

    async def _settle_cut_off(self) -> None:
        """Treat deliveries that ended unexpectedly as attempts of unknown outcome."""
        while self._cut_off:
            message = self._cut_off.pop()
            failure = OutcomeUnknownError("The attempt ended unexpectedly in the gateway.")
            policy = self._lanes[message.channel].channel.retry
            try:
                await fail(self._journey, policy, message, failure)
            except TransitionConflictError:
                continue  # its step was made before the failure
            except StoreUnavailableError:
                self._cut_off.append(message)
                raise

    async def _sleep(self, pause: timedelta | None) -> set[str] | None:
        """Wait; return the channels that were woken, none of them after a long time.

        None when the time is over.
        """
        longest = LOOK if pause is None else min(pause, LOOK)
        try:
            async with asyncio.timeout(longest.total_seconds()):
                await self._alarm.wait()
        except TimeoutError:
            return None if longest == pause else set()
        self._alarm.clear()
        awake, self._awake = self._awake, set()
        return awake


def log_unexpected(error: Exception, message: Message | None) -> None:
    """Log an error by type and frames; its text may quote content."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    extra = {
        "event": "delivery.unexpected",
        "message_id": None if message is None else message.id,
        "error": type(error).__qualname__,
        "frames": frames,
    }
    _log.error("a delivery ended unexpectedly", extra=extra)
