"""The desk: every use case, bound to its parts. Built by ``gateway.bootstrap``.

Thin: each method hands over to the module of its verb. API and console call nothing else.
"""

import asyncio
from collections.abc import Mapping, Sequence
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
from gateway.flow.backlog import Backlog
from gateway.flow.call import Call, Pending, Preview, Settled
from gateway.flow.channels import Channels
from gateway.flow.chore import Chore
from gateway.flow.directory import Directory
from gateway.flow.dismiss import dismiss, dismiss_all
from gateway.flow.door import Door
from gateway.flow.events import record_refusal
from gateway.flow.examine import examine
from gateway.flow.fault_points import FaultHook, no_fault
from gateway.flow.gates import Gates
from gateway.flow.journey import Journey
from gateway.flow.late import take_later_answer
from gateway.flow.letters import DeadLetters
from gateway.flow.order import LineWatch
from gateway.flow.preview import preview
from gateway.flow.pulse import Pulse
from gateway.flow.pump import Pump
from gateway.flow.recover import recover
from gateway.flow.refusals import RefusalLog
from gateway.flow.repeat import repeat
from gateway.flow.replay import Finding, cancel, resolve
from gateway.flow.reread import reread
from gateway.flow.together import Together
from gateway.flow.turns import let_others_go_first
from gateway.flow.vitals import Glance, Vitals, look
from gateway.flow.witness import Witness, Witnesses
from gateway.flow.workers import Workers
from gateway.messaging.letters import LetterStore
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
        door: Lets calls in; the API asks it before it reads a body.
        backlog: Says whether one more message may be accepted; None: it may.
        chores: What else is done beside the journey while the desk is open.
        letter_store: What is kept of dead letters, in the same database as ``store``.
        callers: Every caller there is; who had a replay begun must still be one.
        letters: What can be done about messages that rest.
        peers: Other processes on the same store; None: it has none.
        channels: What operators can have done with channels.
    """

    store: MessageStore
    clock: Clock
    directory: Directory
    letter_store: LetterStore
    callers: Sequence[Caller] = ()
    letters: DeadLetters = field(init=False)
    hit: FaultHook = no_fault
    workers: Workers | None = None
    witness: Witness = field(default_factory=Witnesses)
    attachments: Attachments | None = None
    door: Door = field(default_factory=Door)
    backlog: Backlog | None = None
    chores: Sequence[Chore] = ()
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
        lines = LineWatch(lambda name: self._pump.wake(name))  # noqa: PLW0108 - not made yet
        witness = Witnesses((self._pulse, lines, self.witness))
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
        self.letters = DeadLetters(
            journey=self._journey,
            pump=self._pump,
            directory=self.directory,
            store=self.letter_store,
            callers=self.callers,
        )
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
            for chore in (self._refusals, *self.chores):
                chore.start(group)
            self.letters.start(group)
            self._together.start(group)
            opening.callback(self._together.stop)
            self._open = opening.pop_all()
        self._accepts = True
        self._glance.forget()

    async def stop(self) -> None:
        """Accept nothing more, wait for running attempts up to their time-out, close all parts."""
        self._accepts = False
        self._glance.forget()
        await self.letters.stop()
        await self._pump.stop()
        await self._journey.gates.stop()
        await dismiss_all(self._journey)
        for chore in (*self.chores, self._refusals):
            await chore.stop()
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
            BusyError: There are as many messages as may be.
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
            told = await repeat(self._journey, self._pump, call, operation, claim)
            if told is not None:
                return told
        await let_others_go_first()
        checked = examined.check()
        await let_others_go_first()
        if self.backlog is not None:
            self.backlog.require_room(call.caller, checked.lane.channel.name)
        try:
            return await ask(self._journey, self._pump, call, checked, now=now)
        except KeyTakenError:
            # The same call came twice in the same moment; this one is the repeat.
            again = (self._journey, self._pump, call, operation)
            told = None if claim is None else await repeat(*again, claim)
            if told is None:
                raise
            return told

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
        """Deliver one of the caller's messages once more; see ``DeadLetters.replay``."""
        return await self.letters.replay(caller, message_id, not_taken=not_taken)

    async def resolve(self, caller: Caller, message_id: MessageId, finding: Finding) -> Message:
        """End the doubt about one of the caller's messages without sending it.

        Raises:
            UnknownMessageError: The caller has none of this id.
            UnknownOperationError: The operation is not offered any more.
            TransitionConflictError: The message is not in doubt.
        """
        message = await self.message(caller, message_id)
        time = self._offered(message).async_deadline
        return await resolve(self._journey, message, finding, time_to_answer=time)

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


def _new_id() -> MessageId:
    return MessageId(str(uuid4()))
