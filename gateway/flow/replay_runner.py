"""The replay runner: carries replays of many messages out, one message after the other.

It keeps nothing: where a replay is, and when its next message is due, stands in the store, and is
written together with each message's move. So a crash at any point neither loses nor repeats one,
and several processes share a replay. What a message's step is decide ``replay``, ``retranslate``
and ``reread``.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.errors import (
    GatewayError,
    PermissionDeniedError,
    StoreUnavailableError,
    TransitionConflictError,
    UnknownMessageError,
    UnknownOperationError,
    WorkerUnavailableError,
)
from gateway.flow.directory import Directory
from gateway.flow.fault_points import FaultPoint
from gateway.flow.journey import Journey
from gateway.flow.pump import BREATH, Pump, log_unexpected
from gateway.flow.replay import replay_step
from gateway.flow.replay_many import states_of
from gateway.flow.reread import reread_step
from gateway.flow.retranslate import retranslate
from gateway.messaging.message import Message, Stage
from gateway.messaging.party import Caller
from gateway.messaging.ports import Step
from gateway.messaging.replays import (
    Handled,
    Handling,
    Item,
    ItemResult,
    Mode,
    Replay,
    ReplayStore,
    Verb,
)

POLL = timedelta(seconds=5)
"""How long a replay may wait that another process took over, or left behind."""

BATCH = 50
"""Messages of one replay before the next one has its turn."""

TRIES = 3
"""How often a large message is given to workers that end meanwhile; then it is refused."""

_log = logging.getLogger(__name__)


@dataclass(kw_only=True, slots=True)
class ReplayRunner:
    """Carries replays out; used from one event loop only.

    Attributes:
        journey: Message store, clock, workers.
        pump: Delivers what was moved.
        directory: What is offered and reachable.
        store: Keeps the replays.
        callers: Who may ask for what now, by tenant and name.
    """

    journey: Journey
    pump: Pump
    directory: Directory
    store: ReplayStore
    callers: Mapping[tuple[str, str], Caller]
    _alarm: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _running: bool = field(init=False, default=False)
    _main: asyncio.Task[None] | None = field(init=False, default=None)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Go on with what runs; the task belongs to ``group``."""
        self._running = True
        self._main = group.create_task(self._run())

    async def stop(self) -> None:
        """Finish the message that is being handled; the next start goes on behind it."""
        self._running = False
        self._alarm.set()
        if self._main is not None:
            await self._main

    def wake(self) -> None:
        """Look at once: there is something new to do."""
        self._alarm.set()

    async def _run(self) -> None:
        while self._running:
            self._alarm.clear()
            try:
                pause = await self._round()
            except Exception as error:  # noqa: BLE001 - e.g. a full disk: try again, never die
                log_unexpected(error, None)
                pause = BREATH
            await self._sleep(pause)

    async def _round(self) -> timedelta:
        """Go on with every replay; returns how long to sleep."""
        replays = await self.store.running_replays()
        pauses = [await self._go_on(replay) for replay in replays]
        return min([POLL, *pauses])

    async def _go_on(self, replay: Replay) -> timedelta:
        """Handle messages as long as they are due; returns the time until the next one is."""
        next_at = replay.next_at
        for item in await self.store.due_items(replay, limit=BATCH):
            wait = next_at - self.journey.clock.now()
            if wait > timedelta() or not self._running:
                return wait
            handled = await self._handle(replay, item)
            if handled is None or handled.is_last:
                break
            next_at = handled.next_at
        return timedelta()

    async def _handle(self, replay: Replay, item: Item) -> Handled | None:
        message = await self.journey.store.get(item.message_id)
        handling = await self._prepare(replay, message)
        self.journey.hit(FaultPoint.STEP_BEFORE_COMMIT)
        handled = await self.store.handle_item(replay.id, item.position, handling)
        self.journey.hit(FaultPoint.STEP_AFTER_COMMIT)
        if handled is None:
            return None
        if handled.message is not None and handling.step is not None:
            self.journey.announce(handling.step, handled.message)
            self.pump.wake(handled.message.channel)
        if handled.is_last:
            extra = {"event": "replay.ended", "replay_id": replay.id, "count": replay.chosen}
            _log.info("a replay of many messages ended", extra=extra)
        return handled

    async def _prepare(self, replay: Replay, message: Message | None) -> Handling:
        """What is to become of a message; a refusal of one never stops the others."""
        now = self.journey.clock.now()
        if message is None:
            return Handling(step=None, code=UnknownMessageError.code, at=now)
        if message.state not in states_of(replay.verb, not_taken=replay.not_taken):
            moved_on = TransitionConflictError.code
            return Handling(step=None, result=ItemResult.SKIPPED, code=moved_on, at=now)
        try:
            return Handling(step=await self._step(replay, message), at=now)
        except StoreUnavailableError:
            raise
        except GatewayError as error:
            return Handling(step=None, code=error.code, at=now)
        except Exception as error:  # noqa: BLE001 - one bad message must not stop the others
            log_unexpected(error, message)
            return Handling(step=None, code=GatewayError.code, at=now)

    async def _step(self, replay: Replay, message: Message) -> Step:
        why = f"Replay {replay.id}, asked for by {replay.caller}."
        if replay.verb is Verb.REREAD:
            return await reread_step(self.journey, self.directory.lanes, message, why=why)
        caller = self.callers.get((replay.tenant, replay.caller))
        if caller is None:
            raise PermissionDeniedError("The caller is not known any more.")
        operation = self.directory.operations.get(message.operation_key)
        if operation is None:
            raise UnknownOperationError("This gateway does not offer the operation any more.")
        caller.require(operation.key, message.authority, message.purpose)
        return replay_step(
            self.journey,
            message,
            time_to_deliver=operation.async_deadline,
            not_taken=replay.not_taken,
            stages=await self._stages(replay, message, caller),
            why=why,
        )

    async def _stages(self, replay: Replay, message: Message, caller: Caller) -> tuple[Stage, ...]:
        if replay.mode is Mode.SAME_BYTES:
            return ()
        for _ in range(TRIES - 1):
            try:
                return await retranslate(self.journey, self.directory, caller, message)
            except WorkerUnavailableError:
                await asyncio.sleep(BREATH.total_seconds())
        return await retranslate(self.journey, self.directory, caller, message)

    async def _sleep(self, pause: timedelta) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(pause.total_seconds(), 0)):
                await self._alarm.wait()
