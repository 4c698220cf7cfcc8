"""A whole gateway in one process: real store, real maps, real HTTP, a simulated authority."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from gateway.bootstrap import SystemClock
from gateway.flow.call import Call
from gateway.flow.desk import Desk
from gateway.flow.directory import Directory, Lane, Product
from gateway.flow.fault_points import FaultHook, no_fault
from gateway.messaging.channel import Channel, RetryPolicy
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.party import Caller, Grant, Party
from gateway.messaging.ports import Clock, MessageStore
from gateway.messaging.route import Route
from gateway.registry import Adapter, load_adapter, load_operation
from gateway.simulation.plan import Effect, Plan, Rule
from gateway.simulation.server import SimulatedAuthority, create_authority
from gateway.store.choice import letters_of
from gateway.store.sqlite import SqliteStore
from gateway.transports.http import HttpTransport
from gateway.validation.catalogue import SchemaCatalogue

PROJECT = Path(__file__).resolve().parents[2]
SCHEMAS = PROJECT / "schemas"
XMELD = PROJECT / "adapters" / "xmeld"
EXAMPLES = XMELD / "examples"
SEARCH = "residents/search/v1"
REPORT = "residents/report/v1"
"""An operation of these tests: the search, as if asking twice did harm."""

AUTHORITY = "ags:16099001"
CODE_LISTS = ("contactChannel", "country", "directory", "municipality", "sex")


@cache
def catalogue() -> SchemaCatalogue:
    return SchemaCatalogue(installed=None, shipped=SCHEMAS)


@cache
def adapter() -> Adapter:
    return load_adapter(XMELD, catalogue())


@cache
def parties() -> dict[str, Party]:
    """Sender and recipient of the examples."""
    example = json.loads((EXAMPLES / "search-full.api.json").read_bytes())
    small = json.loads((EXAMPLES / "search-small.api.json").read_bytes())
    return {
        role: Party(
            id=small[role]["id"],
            directory="DVDV",
            name=small[role]["name"],
            contacts=(example[role].get("contacts") or small[role].get("contacts", [])),
            address=small[role].get("address"),
        )
        for role in ("sender", "recipient")
    }


def caller() -> Caller:
    grants = tuple(Grant(operation=key, authorities=("ags:16*",)) for key in (SEARCH, REPORT))
    return Caller(name="municipal-office", party=parties()["sender"], grants=grants)


@cache
def operations() -> dict[str, Operation]:
    search = load_operation(SCHEMAS, SEARCH)
    report = replace(
        search, name="residents/report", kind=OperationKind.SUBMISSION, repeatable=False
    )
    return {SEARCH: search, REPORT: report}


def request(family_name: str = "Quendel", **fields: Any) -> dict[str, Any]:
    """A caller's document."""
    document = json.loads((SCHEMAS / SEARCH / "request.example.json").read_bytes())
    document["search"]["name"]["familyName"]["text"] = family_name
    return {**document, **fields}


def call(document: Mapping[str, Any] | None = None, *, key: str = SEARCH, **fields: Any) -> Call:
    """A call of the municipal office."""
    body = json.dumps(request() if document is None else document).encode()
    name, _, version = key.rpartition("/v")
    plain = Call(
        caller=caller(),
        operation=name,
        version=int(version),
        body=body,
        recipient=AUTHORITY,
        idempotency_key=str(uuid4()) if key == REPORT else None,
    )
    return replace(plain, **fields)


def authority(*rules: Rule, answer: str = "hit") -> SimulatedAuthority:
    """A simulated authority with a plan of its own."""
    plan = Plan(otherwise=Effect(answer=answer), rules=rules)
    return create_authority(adapter().exchanges[SEARCH], plan, EXAMPLES, SystemClock())


@dataclass(kw_only=True)
class House:
    """How one gateway is built; several may be built on one database, one after the other."""

    database: Path
    url: str
    retry: RetryPolicy = field(
        default_factory=lambda: RetryPolicy(first_wait=timedelta(milliseconds=20))
    )
    timeout: timedelta = timedelta(seconds=10)
    max_in_flight: int = 64
    hit: FaultHook = no_fault
    limits: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the channel."""
    clock: Clock = field(default_factory=SystemClock)
    make_store: Callable[[], MessageStore] | None = None
    """None: SQLite in ``database``."""

    def desk(self) -> Desk:
        clock = self.clock
        channel = Channel(
            name="registry",
            adapter="xmeld",
            transport="http",
            address=self.url,
            timeout=self.timeout,
            max_in_flight=self.max_in_flight,
            retry=self.retry,
            codelist_versions=dict.fromkeys(CODE_LISTS, "3"),
            **self.limits,
        )
        exchange = adapter().exchanges[SEARCH]
        schema = catalogue().for_callers(f"{SEARCH}/request.schema.json")
        lane = Lane(
            channel=channel,
            transport=HttpTransport(channel, clock, hit=self.hit),
            exchanges={SEARCH: exchange, REPORT: exchange},
        )
        directory = Directory(
            operations=operations(),
            schemas={SEARCH: schema, REPORT: schema},
            lanes={channel.name: lane},
            routes=[
                Route(operation=key, authority=AUTHORITY, channel=channel.name)
                for key in (SEARCH, REPORT)
            ],
            product=Product(name="gateway", manufacturer="tests", version="1"),
            authorities={AUTHORITY: parties()["recipient"]},
        )
        store = SqliteStore(self.database) if self.make_store is None else self.make_store()
        return Desk(
            store=store,
            letter_store=letters_of(store),
            callers=[caller()],
            clock=clock,
            directory=directory,
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
