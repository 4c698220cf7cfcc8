"""A small world for the journey: a clock, an authority that does what the test says, a format."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, cast
from uuid import uuid4

from typing_extensions import override

from gateway.errors import MalformedBodyError, NotExpressibleError, Place, SchemaViolationError
from gateway.flow.call import Call
from gateway.flow.check import Checked
from gateway.flow.check import check as check_call
from gateway.flow.desk import Desk
from gateway.flow.directory import Directory, Lane, Product
from gateway.flow.fault_points import FaultHook, no_fault
from gateway.flow.gates import Gates
from gateway.flow.journey import Journey
from gateway.messaging.channel import Channel, RetryPolicy
from gateway.messaging.letters import LetterStore
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.party import Caller, Grant, Party
from gateway.messaging.ports import Clock, Receipt, Transport, WireAnswer, WireMessage
from gateway.messaging.replays import Replay
from gateway.messaging.route import Route
from gateway.messaging.sequence import SequenceField
from gateway.validation.json_schema import DocumentSchema
from tests.gateway.flow.memory_store import MemoryStore

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
AUTHORITY = "ags:09162000"
UNKNOWN_AUTHORITY = "ags:09999999"
MESSAGE_ID = MessageId("11111111-2222-4333-8444-555555555555")

QUERY = Operation(
    name="residents/search",
    version=1,
    title="Search",
    title_de="Suche",
    kind=OperationKind.QUERY,
    repeatable=True,
    routing="/recipient/id",
    body_limit_bytes=500,
)
SUBMISSION = Operation(
    name="residents/report",
    version=2,
    title="Report",
    title_de="Meldung",
    kind=OperationKind.SUBMISSION,
    repeatable=False,
)
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "messageId": {"type": "string"},
        "number": {"type": "integer"},
        "sender": {"type": "object"},
        "recipient": {"type": "object"},
    },
}
CALLER = Caller(
    name="town-hall",
    party=Party(id="ags:01001000", directory="DVDV", name="Town hall", contacts=[{"mail": "x"}]),
    grants=(
        Grant(operation=QUERY.key, authorities=("ags:09*",)),
        Grant(operation=SUBMISSION.key, authorities=("ags:09*",)),
    ),
)
OFFICE = Party(id=AUTHORITY, directory="DVDV", name="Office", address={"city": "X"})


class FixedClock(Clock):
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self.moment = NOON

    @override
    def now(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


@dataclass(frozen=True)
class PlainLedger:
    def to_json(self) -> bytes:
        return b'{"mapped":1}'


@dataclass(frozen=True)
class PlainMap:
    reference: str = "plain/search@1"
    wire_schema_source: str = "profile:00"
    correlates: Sequence[str] = ("/messageId",)
    sequences: Sequence[SequenceField] = ()


@dataclass(frozen=True)
class PlainWriting:
    data: bytes
    ledger: PlainLedger = PlainLedger()


@dataclass(frozen=True)
class PlainWritten:
    document: dict[str, Any]
    writing: PlainWriting
    map: PlainMap = PlainMap()


@dataclass(frozen=True)
class PlainReading:
    document: dict[str, Any]
    ledger: PlainLedger = PlainLedger()
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlainRead:
    reading: PlainReading
    map: PlainMap = PlainMap()


class PlainExchange:
    """The simplest format there is: JSON in angle brackets. It takes no names with a bracket."""

    trial_numbers: Mapping[str, int] = MappingProxyType({})
    answer_numbers: Sequence[SequenceField] = ()

    def __init__(self) -> None:
        self.supplies: Mapping[str, Any] = {}

    def write_request(
        self, document: Mapping[str, Any], supplies: Mapping[str, Any]
    ) -> PlainWritten:
        self.supplies = supplies
        completed = {"messageId": supplies["message.id"], **document}
        if "recipient.name" not in supplies:
            place = Place(keyword="required", detail="missing", pointer="/recipient")
            raise SchemaViolationError("The completed document is wrong.", places=[place])
        if "<" in document["name"]:
            raise NotExpressibleError("No brackets.")
        return PlainWritten(completed, PlainWriting(b"<" + json.dumps(completed).encode() + b">"))

    def read_answer(self, data: bytes) -> PlainRead:
        if not data.startswith(b"<"):
            places = [Place(keyword="syntax", detail="Not in brackets.")] * 4
            raise MalformedBodyError("Not in brackets.", places=places)
        return PlainRead(PlainReading(json.loads(data[1:-1])))


class NoLetters:
    """Nothing is kept of dead letters; tests of these take a real store."""

    async def running_replays(self) -> list[Replay]:
        return []


def no_letters() -> LetterStore:
    return cast("LetterStore", NoLetters())


Reply = WireAnswer | Receipt | Exception
Behaviour = Callable[[WireMessage], Awaitable[WireAnswer | Receipt]]


def answer(message_id: str | None = None, **fields: Any) -> WireAnswer:
    """An answer in the plain format."""
    head = {} if message_id is None else {"messageId": message_id}
    document = head | {"outcome": "answered"} | fields
    return WireAnswer(body=b"<" + json.dumps(document).encode() + b">", content_type="text/plain")


class Authority(Transport):
    """Gives one reply after the other, the last one again and again; counts what it was sent."""

    def __init__(self, *replies: Reply | Behaviour) -> None:
        self.replies = list(replies) or [answer()]
        self.got: list[WireMessage] = []
        self.deadlines: list[datetime] = []
        self.is_open = False

    @override
    async def open(self) -> None:
        self.is_open = True

    @override
    async def close(self) -> None:
        self.is_open = False

    @override
    async def exchange(self, outgoing: WireMessage, *, deadline: datetime) -> WireAnswer | Receipt:
        self.got.append(outgoing)
        self.deadlines.append(deadline)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, WireAnswer | Receipt):
            return reply
        return await reply(outgoing)


class Gate:
    """A behaviour that answers only when the test lets it."""

    def __init__(self, reply: WireAnswer | None = None) -> None:
        self.reached = asyncio.Event()
        self.go = asyncio.Event()
        self.reply = reply or answer()

    async def __call__(self, _outgoing: WireMessage) -> WireAnswer:
        self.reached.set()
        await self.go.wait()
        return self.reply


@dataclass
class World:
    """Everything a desk is made of."""

    authority: Authority = field(default_factory=Authority)
    clock: FixedClock = field(default_factory=FixedClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    exchange: PlainExchange = field(default_factory=PlainExchange)
    channel: Channel = field(
        default_factory=lambda: Channel(
            name="main",
            adapter="plain",
            transport="test",
            address="nowhere",
            retry=RetryPolicy(first_wait=timedelta(), max_attempts=3),
        )
    )
    hit: FaultHook = no_fault
    others: list[Channel] = field(default_factory=list)
    """Further channels to the same authority, to which no route leads."""

    @property
    def lane(self) -> Lane:
        exchanges = {QUERY.key: self.exchange, SUBMISSION.key: self.exchange}
        return Lane(channel=self.channel, transport=self.authority, exchanges=exchanges)

    @property
    def directory(self) -> Directory:
        operations = {operation.key: operation for operation in (QUERY, SUBMISSION)}
        return Directory(
            operations=operations,
            schemas={key: DocumentSchema(SCHEMA, name="test") for key in operations},
            lanes={
                self.channel.name: self.lane,
                **{one.name: replace(self.lane, channel=one) for one in self.others},
            },
            routes=[
                Route(operation=key, area="ags:09", channel=self.channel.name) for key in operations
            ],
            product=Product(name="gateway", manufacturer="us", version="1"),
            authorities={AUTHORITY: OFFICE},
        )

    @property
    def journey(self) -> Journey:
        gates = Gates(self.store, self.clock, [self.channel])
        return Journey(
            store=self.store, clock=self.clock, gates=gates, hit=self.hit, chance=lambda: 1.0
        )

    def desk(self) -> Desk:
        return Desk(
            store=self.store,
            letter_store=no_letters(),
            clock=self.clock,
            directory=self.directory,
            hit=self.hit,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Desk]:
        desk = self.desk()
        await desk.start()
        try:
            yield desk
        finally:
            await desk.stop()

    def checked(self, call: Call) -> Checked:
        return check_call(call, self.directory, message_id=MESSAGE_ID, now=self.clock.now())

    @property
    def only(self) -> Message:
        """The one message of the store."""
        (message,) = self.store.messages.values()
        return message

    async def reaches(self, state: State) -> None:
        """Wait until the one message is there."""
        async with asyncio.timeout(5):
            while not self.store.messages or self.only.state is not state:  # noqa: ASYNC110
                await asyncio.sleep(0)

    @property
    def story(self) -> list[str]:
        """Events of the one message."""
        return [event.event for event in self.store.events[self.only.id]]


def ask_for(document: Any = None, *, operation: Operation = QUERY, **fields: Any) -> Call:
    """A call that is in order, but for what the test changes."""
    body = json.dumps({"name": "Ada"} if document is None else document).encode()
    plain = Call(
        caller=CALLER,
        operation=operation.name,
        version=operation.version,
        body=body,
        recipient=AUTHORITY,
        idempotency_key=str(uuid4()) if operation.kind is OperationKind.SUBMISSION else None,
    )
    return replace(plain, **fields)


def a_message(**fields: Any) -> Message:
    """A message under way for the first time."""
    plain = Message(
        id=MESSAGE_ID,
        tenant="default",
        caller=CALLER.name,
        operation=QUERY.name,
        operation_version=QUERY.version,
        kind=QUERY.kind,
        repeatable=QUERY.repeatable,
        authority=AUTHORITY,
        channel="main",
        state=State.DELIVERING,
        accepted_at=NOON,
        deadline_at=NOON + timedelta(seconds=30),
        next_attempt_at=None,
        attempts=1,
    )
    return replace(plain, **fields)
