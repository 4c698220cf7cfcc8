"""Dead letters: every use case about messages that rest, bound to its parts. Held by the desk.

Thin, like the desk: each method hands over to the module of its verb.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.errors import ContentErasedError, NotCorrectedError, UnknownOperationError
from gateway.flow import replay_many, search
from gateway.flow.call import Call
from gateway.flow.compare import Difference, compare
from gateway.flow.correct import Corrected, Correcting
from gateway.flow.diagnose import Diagnosis, diagnose
from gateway.flow.directory import Directory
from gateway.flow.journey import Journey
from gateway.flow.pump import Pump
from gateway.flow.replay import carry_out, replay, replay_step
from gateway.flow.replay_many import Order, Plan, callers_by_name
from gateway.flow.replay_runner import ReplayRunner
from gateway.flow.retranslate import retranslate
from gateway.messaging.causes import RESTING, Cause
from gateway.messaging.letters import LetterStore
from gateway.messaging.message import Message, MessageId, Stage, StageKind
from gateway.messaging.operation import Operation
from gateway.messaging.party import Caller
from gateway.messaging.ports import MessageFilter
from gateway.messaging.replays import Item, Replay, ReplayId
from gateway.validation.json_document import JsonValue, parse_json


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """What a caller sends to correct a message.

    Attributes:
        body: The canonical document as it should have been; UTF-8 JSON.
        recipient: Header ``Recipient``; None: the original's.
        idempotency_key: Header ``Idempotency-Key``; None if not sent.
        not_taken: Whether the authority was asked and does not have the original.
    """

    body: bytes
    recipient: str | None = None
    idempotency_key: str | None = None
    not_taken: bool = False


@dataclass(kw_only=True, slots=True)
class DeadLetters:
    """What can be done about messages that rest.

    Attributes:
        journey: Message store, clock, workers and waiters.
        pump: Delivers.
        directory: What is offered and reachable.
        store: What is kept beside the messages.
        callers: Every caller there is now.
    """

    journey: Journey
    pump: Pump
    directory: Directory
    store: LetterStore
    callers: Sequence[Caller]
    _runner: ReplayRunner = field(init=False)

    def __post_init__(self) -> None:
        self._runner = ReplayRunner(
            journey=self.journey,
            pump=self.pump,
            directory=self.directory,
            store=self.store,
            callers=callers_by_name(self.callers),
        )

    def start(self, group: asyncio.TaskGroup) -> None:
        """Go on with replays that a stop or a crash interrupted."""
        self._runner.start(group)

    async def stop(self) -> None:
        """Pause replays until the next start."""
        await self._runner.stop()

    async def causes(self, caller: Caller, wanted: MessageFilter) -> list[Cause]:
        """Why the caller's messages rest, the most frequent cause first."""
        states = wanted.states or RESTING
        own = replace(wanted, tenant=caller.tenant, caller=caller.name, states=states)
        return await self.store.causes(own)

    async def diagnosis(self, caller: Caller, message_id: MessageId) -> Diagnosis:
        """All that helps to decide about one of the caller's messages.

        Raises:
            UnknownMessageError: The caller has none of this id.
        """
        message = await self._message(caller, message_id)
        return await diagnose(self.journey, self.directory, self.store, caller, message)

    async def request(self, caller: Caller, message_id: MessageId) -> Stage:
        """The canonical request of one of the caller's messages, as it was accepted.

        Raises:
            UnknownMessageError: The caller has none of this id.
            ContentErasedError: It is not kept any more.
        """
        await self._message(caller, message_id)
        stage = await self.journey.store.stage(message_id, StageKind.CANONICAL_REQUEST)
        if stage is None:
            raise ContentErasedError("The request of the message is not kept any more.")
        return stage

    async def replay(
        self, caller: Caller, message_id: MessageId, *, not_taken: bool = False
    ) -> Message:
        """Deliver one of the caller's messages once more, as it was.

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
        message = await self._message(caller, message_id)
        operation = self._offered(message)
        caller.require(operation.key, message.authority, message.purpose)
        return await replay(
            self.journey,
            self.pump,
            message,
            time_to_deliver=operation.async_deadline,
            not_taken=not_taken,
        )

    async def retranslate(
        self, caller: Caller, message_id: MessageId, *, not_taken: bool = False
    ) -> Message:
        """Deliver one of the caller's messages once more, made anew with the present map.

        Raises:
            UnknownMessageError: The caller has none of this id.
            MessageRefusedError: The same call would be refused now; nothing has changed.
            WorkerUnavailableError: It is large and cannot be translated now.
            TransitionConflictError: The message may not be sent again in its state.
        """
        message = await self._message(caller, message_id)
        operation = self._offered(message)
        stages = await retranslate(self.journey, self.directory, caller, message)
        step = replay_step(
            self.journey,
            message,
            time_to_deliver=operation.async_deadline,
            not_taken=not_taken,
            stages=stages,
        )
        return await carry_out(self.journey, self.pump, step)

    def body_limit(self, message: Message) -> int:
        """Longest corrected copy that is taken, in bytes; raises as ``retranslate``."""
        return self._offered(message).body_limit_bytes

    async def correct(self, caller: Caller, original: Message, copy: Copy) -> Corrected:
        """Send a corrected copy of one of the caller's messages; raises as ``Correcting``."""
        call = Call(
            caller=caller,
            operation=original.operation,
            version=original.operation_version,
            body=copy.body,
            recipient=copy.recipient or original.authority,
            purpose=original.purpose,
            case_reference=original.case_reference,
            test=original.test,
            traceparent=original.traceparent,
            respond_async=True,
            idempotency_key=copy.idempotency_key,
        )
        correcting = Correcting(
            journey=self.journey, pump=self.pump, directory=self.directory, store=self.store
        )
        return await correcting.correct(original, call, not_taken=copy.not_taken)

    async def differences(
        self, caller: Caller, message_id: MessageId
    ) -> tuple[MessageId, list[Difference]]:
        """The message that a corrected copy corrects, and where both differ.

        Raises:
            UnknownMessageError: The caller has none of this id.
            NotCorrectedError: It corrects no other one.
            ContentErasedError: One of both is not kept any more.
        """
        await self._message(caller, message_id)
        original = (await self.store.relations(message_id)).corrects
        if original is None:
            raise NotCorrectedError("The message is no corrected copy.")
        before = await self._document(caller, original)
        return original, compare(before, await self._document(caller, message_id))

    async def plan(self, caller: Caller, order: Order) -> Plan:
        """Say what an order about many messages would do; changes nothing."""
        return await replay_many.plan(self.store, caller, order)

    async def begin(self, caller: Caller, order: Order) -> Replay:
        """Have an order carried out; ``SelectionChangedError`` if the dry run is out of date."""
        replay = await replay_many.begin(self.store, self.journey.clock, caller, order)
        self._runner.wake()
        return replay

    async def find_replay(self, caller: Caller, replay_id: ReplayId) -> Replay:
        """One of the caller's replays; ``UnknownReplayError`` if there is none of this id."""
        return await replay_many.find(self.store, caller, replay_id)

    async def replays(self, caller: Caller, *, limit: int) -> list[Replay]:
        """The caller's replays, newest first."""
        return await self.store.replays_of(tenant=caller.tenant, caller=caller.name, limit=limit)

    async def left_items(
        self, caller: Caller, replay_id: ReplayId, *, after: int, limit: int
    ) -> list[Item]:
        """Messages that a replay did not move, in order; raises as ``find_replay``."""
        return await replay_many.items(self.store, caller, replay_id, after=after, limit=limit)

    async def stop_replay(self, caller: Caller, replay_id: ReplayId) -> Replay:
        """End a replay before its time; raises as ``find_replay``."""
        return await replay_many.stop(self.store, self.journey.clock, caller, replay_id)

    async def _message(self, caller: Caller, message_id: MessageId) -> Message:
        return await search.message(self.journey.store, caller, message_id)

    async def _document(self, caller: Caller, message_id: MessageId) -> JsonValue:
        return parse_json((await self.request(caller, message_id)).body)

    def _offered(self, message: Message) -> Operation:
        operation = self.directory.operations.get(message.operation_key)
        if operation is None:
            raise UnknownOperationError("This gateway does not offer the operation any more.")
        return operation
