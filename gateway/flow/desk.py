"""The desk: every use case, bound to its parts. Built by ``gateway.bootstrap``.

Thin: each method hands over to the module of its verb. API and console call nothing else.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import uuid4

from gateway.errors import MessageRefusedError, StoreUnavailableError
from gateway.flow import search
from gateway.flow.ask import ask
from gateway.flow.call import Call, Pending, Preview, Settled
from gateway.flow.check import check
from gateway.flow.directory import Directory
from gateway.flow.events import record_refusal
from gateway.flow.fault_points import FaultHook, no_fault
from gateway.flow.journey import Journey
from gateway.flow.pump import Pump
from gateway.flow.recover import recover
from gateway.flow.stages import XML
from gateway.messaging.message import Attempt, HistoryEvent, Message, MessageId, Stage, StageKind
from gateway.messaging.operation import Operation
from gateway.messaging.party import Caller
from gateway.messaging.ports import Clock, MessageFilter, MessageStore


@dataclass(kw_only=True, slots=True)
class Desk:
    """What callers and operators can have done.

    Attributes:
        store: Where messages are kept; opened by ``start``, closed by ``stop``.
        clock: Tells the time.
        directory: What is offered and reachable.
        hit: Called at every fault point; does nothing in production.
    """

    store: MessageStore
    clock: Clock
    directory: Directory
    hit: FaultHook = no_fault
    _journey: Journey = field(init=False)
    _pump: Pump = field(init=False)
    _open: AsyncExitStack = field(init=False, default_factory=AsyncExitStack)
    _accepts: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._journey = Journey(store=self.store, clock=self.clock, hit=self.hit)
        self._pump = Pump(self._journey, self.directory.lanes)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """What can be asked, by key ``residents/search/v1``."""
        return self.directory.operations

    async def start(self) -> None:
        """Take store and transports into use, recover interrupted attempts, begin delivering.

        Raises:
            ConfigurationError: Another process uses the store.
        """
        async with AsyncExitStack() as opening:
            await self.store.open()
            opening.push_async_callback(self.store.close)
            for lane in self.directory.lanes.values():
                await lane.transport.open()
                opening.push_async_callback(lane.transport.close)
            await recover(self._journey)
            group = await opening.enter_async_context(asyncio.TaskGroup())
            self._pump.start(group)
            self._open = opening.pop_all()
        self._accepts = True

    async def stop(self) -> None:
        """Accept nothing more, wait for running attempts up to their time-out, close all parts."""
        self._accepts = False
        await self._pump.stop()
        await self._dismiss_waiters()
        await self._open.aclose()

    async def is_ready(self) -> bool:
        """Whether messages can be taken: the desk has started and its store answers."""
        try:
            await self.store.next_due_at()
        except StoreUnavailableError:
            return False
        return self._accepts

    async def ask(self, call: Call) -> Settled | Pending:
        """Check, accept and deliver one message, and wait for its answer if the caller does.

        A cancelled or disconnected waiter cancels no attempt.

        Raises:
            MessageRefusedError: The call was refused; nothing was accepted.
            StoreUnavailableError: The message could not be made durable, or the gateway stops.
        """
        if not self._accepts:
            raise StoreUnavailableError("The gateway takes no messages now: it starts or stops.")
        now = self.clock.now()
        try:
            checked = check(call, self.directory, message_id=_new_id(), now=now)
        except MessageRefusedError as error:
            record_refusal(call, error, known=call.key in self.operations)
            raise
        return await ask(self._journey, self._pump, call, checked, now=now)

    def check(self, call: Call) -> Preview:
        """Translate a call as ``ask`` would; store and send nothing.

        Raises:
            MessageRefusedError: ``ask`` would refuse it the same way.
        """
        checked = check(call, self.directory, message_id=_new_id(), now=self.clock.now())
        return Preview(
            authority=checked.authority,
            channel=checked.lane.channel.name,
            map=checked.written.map.reference,
            wire_schema=checked.written.map.wire_schema_source,
            completed=checked.written.document,
            wire=checked.written.writing.data,
            media_type=XML,
            ledger=checked.written.writing.ledger.to_json(),
        )

    async def message(self, caller: Caller, message_id: MessageId) -> Message:
        """One of the caller's messages; ``UnknownMessageError`` if it has none of this id."""
        return await search.message(self.store, caller, message_id)

    async def history(self, caller: Caller, message_id: MessageId) -> list[HistoryEvent]:
        """Its history, oldest first; raises as ``message``."""
        return await search.history(self.store, caller, message_id)

    async def attempts(self, caller: Caller, message_id: MessageId) -> list[Attempt]:
        """Its attempts, oldest first; raises as ``message``."""
        return await search.attempts(self.store, caller, message_id)

    async def ledger(self, caller: Caller, message_id: MessageId) -> dict[StageKind, bytes]:
        """The short ledger (JSON) of each stage that a map made or read; raises as ``message``."""
        return await search.ledger(self.store, caller, message_id)

    async def answer(self, caller: Caller, message_id: MessageId) -> Stage:
        """The canonical answer; raises as ``message``, or ``AnswerNotReadyError``."""
        return await search.answer(self.store, caller, message_id)

    async def messages(
        self, caller: Caller, wanted: MessageFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Message], str | None]:
        """One page of the caller's messages, newest first, and the cursor of the next page."""
        return await search.messages(self.store, caller, wanted, limit=limit, before=before)

    async def _dismiss_waiters(self) -> None:
        """Tell whoever still waits that the message is kept and goes on after the next start."""
        for message_id in self._journey.waiting.untold():
            message = await self.store.get(message_id)
            if message is None:
                gone = StoreUnavailableError("The gateway stopped; nothing was accepted.")
                self._journey.waiting.refuse(message_id, gone)
            else:
                self._journey.waiting.tell(Pending(message=message))


def _new_id() -> MessageId:
    return MessageId(str(uuid4()))
