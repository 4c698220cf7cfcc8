"""An application around a desk whose answers the test writes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from typing_extensions import override

from gateway.api import create_app
from gateway.api.contract import OperationContract
from gateway.api.health import Health, HealthLimits, judge
from gateway.api.metrics import Metrics
from gateway.errors import UnknownMessageError
from gateway.flow.call import Call, Pending, Preview, Settled
from gateway.flow.desk import Desk
from gateway.flow.directory import Directory, Product
from gateway.flow.vitals import Vitals
from gateway.messaging.history import START, Entry, chain
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import Attempt, HistoryEvent, Message, MessageId, Stage, StageKind
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.party import Caller, Grant, Party
from gateway.messaging.ports import MessageFilter
from gateway.messaging.route import Route
from gateway.security.tokens import TokenAuthentication, digest

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TOKEN = "a-token-for-tests"  # noqa: S105 - opens nothing but this test's application
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
JSON = {"content-type": "application/json"}

SEARCH = Operation(
    name="residents/search",
    version=1,
    title="Resident search",
    title_de="Personensuche",
    kind=OperationKind.QUERY,
    repeatable=True,
    body_limit_bytes=1000,
)
REPORT = Operation(
    name="residents/report",
    version=2,
    title="Report",
    title_de="Meldung",
    kind=OperationKind.SUBMISSION,
    repeatable=False,
)
REQUEST_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["person"],
    "properties": {"person": {"$ref": "#/$defs/person"}},
    "$defs": {
        "person": {
            "type": "object",
            "properties": {"familyName": {"type": "string", "title": "Family name"}},
        }
    },
}
CONTRACTS = {
    operation.key: OperationContract(
        operation=operation,
        request=REQUEST_SCHEMA,
        answer={"type": "object", "properties": {"outcome": {"const": "answered"}}},
        example={"person": {"familyName": "Muster"}},
    )
    for operation in (SEARCH, REPORT)
}
PORTAL = Caller(
    name="portal",
    party=Party(id="dbs:1", directory="DVDV", name="City"),
    grants=(Grant(operation=SEARCH.key, authorities=("ags:09*",), purposes=("register-inquiry",)),),
)


def message(state: State = State.ANSWERED, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "id": MessageId("0c9a5a1e-0000-4000-8000-000000000001"),
        "tenant": "default",
        "caller": "portal",
        "operation": SEARCH.name,
        "operation_version": 1,
        "kind": OperationKind.QUERY,
        "repeatable": True,
        "authority": "ags:09162000",
        "channel": "bayern",
        "state": state,
        "accepted_at": NOW,
        "deadline_at": NOW + timedelta(seconds=30),
        "next_attempt_at": None,
        **changes,
    }
    return Message(**values)


@dataclass(kw_only=True, slots=True)
class ScriptedDesk(Desk):
    """Answers what the test wrote down, and remembers what it was asked."""

    told: Settled | Pending | Exception = field(
        default_factory=lambda: Settled(
            message=message(outcome=Outcome.ANSWERED), answer=b'{"outcome":"answered"}'
        )
    )
    calls: list[Call] = field(default_factory=list)
    wanted: list[MessageFilter] = field(default_factory=list)
    running: bool = False
    seen: dict[str, Any] = field(default_factory=dict)

    @override
    async def start(self) -> None:
        self.running = True

    @override
    async def stop(self) -> None:
        self.running = False

    @override
    async def vitals(self) -> Vitals:
        sound = {"writes": True, "free_bytes": 2**40}
        return Vitals(at=NOW, accepts=self.running, **(sound | self.seen))

    @override
    async def ask(self, call: Call) -> Settled | Pending:
        self.calls.append(call)
        if isinstance(self.told, Exception):
            raise self.told
        return self.told

    @override
    async def check(self, call: Call) -> Preview:
        self.calls.append(call)
        return Preview(
            authority="ags:09162000",
            channel="bayern",
            map="xmeld/person-search@1",
            wire_schema="official:00",
            completed=b'{"person":{"familyName":"Muster"}}',
            wire=call.body,
            media_type="application/xml",
            ledger=b'{"mapped":1}',
        )

    @override
    async def message(self, caller: Caller, message_id: MessageId) -> Message:
        if message_id != message().id:
            raise UnknownMessageError("No message of this caller has this id.")
        return message()

    @override
    async def history(self, caller: Caller, message_id: MessageId) -> list[HistoryEvent]:
        entry = Entry(at=NOW, event="message.accepted", state=State.ACCEPTED)
        return [chain(message_id, entry, number=1, previous=START)]

    @override
    async def attempts(self, caller: Caller, message_id: MessageId) -> list[Attempt]:
        return [Attempt(number=1, started_at=NOW)]

    @override
    async def ledger(self, caller: Caller, message_id: MessageId) -> dict[StageKind, bytes]:
        return {StageKind.WIRE_REQUEST: b'{"mapped":1}'}

    @override
    async def answer(self, caller: Caller, message_id: MessageId) -> Stage:
        return Stage(
            kind=StageKind.CANONICAL_ANSWER, body=b'{"outcome":"x"}', media_type="application/json"
        )

    @override
    async def messages(
        self, caller: Caller, wanted: MessageFilter, *, limit: int, before: str | None = None
    ) -> tuple[list[Message], str | None]:
        self.wanted.append(wanted)
        return [message()], "next"


class FixedClock:
    """Always the same moment."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def desk() -> ScriptedDesk:
    routes = [
        Route(operation=SEARCH.key, authority="ags:09162000", channel="bayern"),
        Route(operation=SEARCH.key, area="ags:09", channel="area"),
    ]
    directory = Directory(
        operations={operation.key: operation for operation in (SEARCH, REPORT)},
        schemas={},
        lanes={},
        routes=routes,
        product=Product(name="p", manufacturer="m", version="1"),
    )
    return ScriptedDesk(
        store=None,  # type: ignore[arg-type]
        letter_store=None,  # type: ignore[arg-type]
        clock=FixedClock(),
        directory=directory,
    )


@pytest.fixture
def channels() -> dict[str, bool]:
    """Names, and whether they are open."""
    return {"bayern": True}


@pytest.fixture
async def client(desk: ScriptedDesk, channels: dict[str, bool]) -> AsyncIterator[httpx.AsyncClient]:
    def judged(vitals: Vitals) -> Health:
        return judge(vitals, channels=channels, limits=HealthLimits())

    app = create_app(
        desk,
        TokenAuthentication({digest(TOKEN): PORTAL}),
        contracts=CONTRACTS,
        judge=judged,
        metrics=Metrics(version="0.0.0"),
        version="0.0.0",
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway") as http,
    ):
        yield http
