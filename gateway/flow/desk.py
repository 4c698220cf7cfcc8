"""The desk: every use case, bound to its parts. Built by ``gateway.bootstrap``.

Thin: each method hands over to the module of its verb. API and console call nothing else.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from gateway.errors import (
    KeyTakenError,
    MessageRefusedError,
    StoreUnavailableError,
    UnknownMessageError,
    UnknownOperationError,
)
from gateway.flow import search
from gateway.flow.ask import ask
from gateway.flow.attachments import Attachments
from gateway.flow.call import Call, Pending, Preview, Settled
from gateway.flow.channels import Channels
from gateway.flow.directory import Directory
from gateway.flow.dismiss import dismiss
from gateway.flow.events import record_refusal
from gateway.flow.examine import examine
from gateway.flow.fault_points import FaultHook, no_fault
from gateway.flow.gates import Gates
from gateway.flow.journey import Journey
from gateway.flow.late import take_later_answer
from gateway.flow.preview import preview
from gateway.flow.pulse import Pulse
from gateway.flow.pump import Pump
from gateway.flow.recover import recover
from gateway.flow.refusals import RefusalLog
from gateway.flow.repeat import repeat
from gateway.flow.replay import Finding, cancel, replay, resolve
from gateway.flow.reread import reread
from gateway.flow.together import Together
from gateway.flow.turns import let_others_go_first
from gateway.flow.vitals import Glance, Vitals, look
from gateway.flow.witness import Witness, Witnesses
from gateway.flow.workers import Workers
from gateway.messaging.idempotency import Claim
from gateway.messaging.message import Attempt, HistoryEvent, Message, MessageId, Stage, StageKind
from gateway.messaging.operation import Operation
from gateway.messaging.party import Caller
from gateway.messaging.peers import Peers
from gateway.messaging.ports import Clock, MessageFilter, MessageStore, WireAnswer
from gateway.messaging.refusal import Refusal, RefusalFilter, spots_of


@dataclass(kw_only=True, slots=True)
class Desk:
    """What callers and operators can have done.

    Attributes:
        store: Where messages are kept; opened by ``start``, closed by ``stop``.
        clock: Tells the time.
        directory: What is offered and reachable.
        hit: Called at every fault point; does nothing in production.
        workers: Where large bodies are checked and read; opened by ``start``, closed by ``stop``.
            None: on the spot, like all others.
        witness: Told of every step, for figures.
        attachments: What messages refer to; None: nothing can be.
        peers: Other processes on the same store; None: it has none.
        channels: What operators can have done with channels.
    """

    store: MessageStore
    clock: Clock
    directory: Directory
    hit: FaultHook = no_fault
    workers: Workers | None = None
    witness: Witness = field(default_factory=Witnesses)
    attachments: Attachments | None = None
    peers: Peers | None = None
    channels: Channels = field(init=False)
    _journey: Journey = field(init=False)
    _pump: Pump = field(init=False)
    _refusals: RefusalLog = field(init=False)
    _together: Together = field(init=False)
    _open: AsyncExitStack = field(init=False, default_factory=AsyncExitStack)
    _accepts: bool = field(init=False, default=False)
    _fingerprint_key: bytes = field(init=False, default=b"", repr=False)
    _pulse: Pulse = field(init=False, default_factory=Pulse)
    _glance: Glance = field(init=False)

    def __post_init__(self) -> None:
        witness = Witnesses((self._pulse, self.witness))
        channels = [lane.channel for lane in self.directory.lanes.values()]
        self._journey = Journey(
            store=self.store,
            clock=self.clock,
            gates=Gates(self.store, self.clock, channels),
            hit=self.hit,
            workers=self.workers,
            witness=witness,
            attachments=self.attachments,
            peers=self.peers,
        )
        self.channels = Channels(self.store, self.clock, self._journey.gates)
        self._glance = Glance(self._look)
        self._pump = Pump(self._journey, self.directory.lanes)
        self._refusals = RefusalLog(self.store)
        self._together = Together(self._journey, self._pump, self.peers)

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
            if self.workers is not None:
                await self.workers.open()
                opening.push_async_callback(self.workers.close)
            for lane in self.directory.lanes.values():
                await lane.transport.open()
                opening.push_async_callback(lane.transport.close)
            self._fingerprint_key = await self.store.fingerprint_key()
            if self.attachments is not None:
                attachments = self.attachments.running(self._fingerprint_key)
                await opening.enter_async_context(attachments)
            await recover(self._journey)
            group = await opening.enter_async_context(asyncio.TaskGroup())
            await self._journey.gates.start(
                group, held=partial(dismiss, self._journey), freed=self._pump.wake
            )
            self._pump.start(group)
            self._refusals.start(group)
            self._together.start(group)
            opening.callback(self._together.stop)
            self._open = opening.pop_all()
        self._accepts = True
        self._glance.forget()

    async def stop(self) -> None:
        """Accept nothing more, wait for running attempts up to their time-out, close all parts."""
        self._accepts = False
        self._glance.forget()
        await self._pump.stop()
        await self._journey.gates.stop()
        await self._dismiss_waiters()
        await self._refusals.stop()
        await self._open.aclose()

    async def vitals(self) -> Vitals:
        """Whether messages can be taken, and whether those that are there move."""
        return await self._glance.vitals()

    async def ask(self, call: Call) -> Settled | Pending:
        """Check, accept and deliver one message, and wait for its answer if the caller does.

        A cancelled or disconnected waiter cancels no attempt.

        Raises:
            MessageRefusedError: The call was refused; nothing was accepted.
            StoreUnavailableError: The message could not be made durable, or the gateway stops.
            WorkerUnavailableError: The body is large and cannot be checked now.
        """
        if not self._accepts:
            raise StoreUnavailableError("The gateway takes no messages now: it starts or stops.")
        try:
            return await self._ask(call)
        except MessageRefusedError as error:
            self.note_refusal(
                error,
                operation=call.key,
                caller=call.caller,
                recipient=call.recipient,
                size_bytes=len(call.body),
            )
            raise

    async def _ask(self, call: Call) -> Settled | Pending:
        now = self.clock.now()
        examined = await examine(
            self.workers,
            call,
            self.directory,
            message_id=_new_id(),
            now=now,
            fingerprint_key=self._fingerprint_key,
        )
        operation, claim = examined.operation, examined.claim
        if claim is not None:
            told = await self._repeat(call, operation, claim)
            if told is not None:
                return told
        await let_others_go_first()
        checked = examined.check()
        await let_others_go_first()
        try:
            return await ask(self._journey, self._pump, call, checked, now=now)
        except KeyTakenError:
            # The same call came twice in the same moment; this one is the repeat.
            told = None if claim is None else await self._repeat(call, operation, claim)
            if told is None:
                raise
            return told

    async def _repeat(
        self, call: Call, operation: Operation, claim: Claim
    ) -> Settled | Pending | None:
        return await repeat(self._journey, self._pump, call, operation, claim)

    def note_refusal(
        self,
        error: MessageRefusedError,
        *,
        operation: str,
        caller: Caller | None,
        recipient: str | None,
        size_bytes: int,
    ) -> None:
        """Log and keep a refused call, without anything that its document holds.

        Args:
            error: Why it was refused.
            operation: Key of the operation; one that is not offered is logged only.
            caller: Who called; None: nobody knows.
            recipient: Header ``Recipient``, in its form; None if there is none.
            size_bytes: Length of the body, as far as it was read.
        """
        offered = self.operations.get(operation)
        record_refusal(
            error,
            operation=None if offered is None else operation,
            caller=None if caller is None else caller.name,
            size_bytes=size_bytes,
        )
        if offered is not None:
            self._refusals.note(
                Refusal(
                    at=self.clock.now(),
                    tenant=None if caller is None else caller.tenant,
                    caller=None if caller is None else caller.name,
                    operation=offered.name,
                    operation_version=offered.version,
                    recipient=recipient,
                    code=error.code,
                    spots=spots_of(error.places),
                    size_bytes=size_bytes,
                )
            )

    async def check(self, call: Call) -> Preview:
        """Translate a call as ``ask`` would; store and send nothing.

        Raises:
            MessageRefusedError: ``ask`` would refuse it the same way.
            WorkerUnavailableError: The body is large and cannot be checked now.
        """
        return await preview(self._journey, self.directory, call, message_id=_new_id())

    async def cancel(self, caller: Caller, message_id: MessageId) -> Message:
        """Withdraw one of the caller's messages.

        Raises:
            UnknownMessageError: It has none of this id.
            TransitionConflictError: It is on its way, or has settled.
        """
        return await cancel(self._journey, await self.message(caller, message_id))

    async def replay(
        self, caller: Caller, message_id: MessageId, *, not_taken: bool = False
    ) -> Message:
        """Deliver one of the caller's messages once more.

        Args:
            caller: Its caller, who must still be permitted to ask.
            message_id: A dead message; with ``not_taken`` one in doubt, or unanswered, too.
            not_taken: Whether the authority was asked and does not have the message.

        Raises:
            UnknownMessageError: The caller has none of this id.
            PermissionDeniedError: The caller may not ask this any more.
            UnknownOperationError: The operation is not offered any more.
            TransitionConflictError: The message may not be sent again in its state.
        """
        message = await self.message(caller, message_id)
        operation = self._offered(message)
        caller.require(operation.key, message.authority, message.purpose)
        return await replay(
            self._journey,
            self._pump,
            message,
            time_to_deliver=operation.async_deadline,
            not_taken=not_taken,
        )

    async def resolve(self, caller: Caller, message_id: MessageId, finding: Finding) -> Message:
        """End the doubt about one of the caller's messages without sending it.

        Raises:
            UnknownMessageError: The caller has none of this id.
            UnknownOperationError: The operation is not offered any more.
            TransitionConflictError: The message is not in doubt.
        """
        message = await self.message(caller, message_id)
        operation = self._offered(message)
        return await resolve(
            self._journey, message, finding, time_to_answer=operation.async_deadline
        )

    async def reread(self, caller: Caller, message_id: MessageId) -> Message:
        """Read the unreadable answer of one of the caller's messages with the present map.

        Raises:
            UnknownMessageError: The caller has none of this id.
            TransitionConflictError: Its answer is not unreadable.
            AnswerUnreadableError: It still cannot be read; nothing has changed.
        """
        message = await self.message(caller, message_id)
        return await reread(self._journey, self.directory.lanes, message)

    async def take_answer(self, message_id: MessageId, answer: WireAnswer) -> Message:
        """Take an answer that came on its own; for transports that pick answers up.

        Raises:
            UnknownMessageError: There is no such message.
            TransitionConflictError: The message moved on in the same moment; call again.
        """
        message = await self.store.get(message_id)
        if message is None:
            raise UnknownMessageError("The answer belongs to no message of this gateway.")
        lane = self.directory.lanes.get(message.channel)
        return await take_later_answer(self._journey, lane, message, answer)

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

    async def refusals(
        self, caller: Caller, wanted: RefusalFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Refusal], str | None]:
        """One page of the caller's refused calls, newest first, and the next page's cursor."""
        return await search.refusals(self.store, caller, wanted, limit=limit, before=before)

    def _offered(self, message: Message) -> Operation:
        operation = self.operations.get(message.operation_key)
        if operation is None:
            raise UnknownOperationError("This gateway does not offer the operation any more.")
        return operation

    async def _look(self) -> Vitals:
        gates, now = self._journey.gates, self.clock.now()
        return await look(self.store, self._pulse, gates, now=now, accepts=self._accepts)

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
