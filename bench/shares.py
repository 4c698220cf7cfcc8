"""Where the time of one search goes, in microseconds of the processor, as a table.

Each part is timed alone, with the bytes of ``sync_small``; the whole is measured at a running
gateway under load. What is left is tasks, futures, logs, and waiting for the interpreter lock.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from lxml import etree

from bench import processes
from bench.cases import Bench, Target, gateway
from bench.inputs import OPERATION, PROJECT, Inputs
from bench.pairs import Measured
from bench.roundtrip import catalogue_of
from gateway.flow.stages import canonical_json
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message, MessageId, Stage, StageKind
from gateway.messaging.operation import OperationKind
from gateway.messaging.ports import Step
from gateway.registry import load_adapter
from gateway.store.sqlite import SqliteStore
from gateway.translation.exchange import Read, Written
from gateway.validation import SchemaCatalogue, parse_json
from gateway.validation.xml_document import parse_xml

XMELD = PROJECT / "adapters" / "xmeld"
ROUNDS = 2_000
STORED = 2_000
AT_ONCE = 32
MICROSECONDS = 1e6
LIMIT = 2**24
ROW = "  {:<10} {:>8} {:>7}   {}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One search and its answer in all their forms, and what translates them."""

    asked: bytes
    written: Written
    read: Read
    answer: bytes
    schemas: SchemaCatalogue


def shares(bench: Bench) -> Measured:
    """Microseconds a message of each part, and their share of the whole."""
    sample = prepare(bench.inputs)
    parts = _translation(sample)
    parts["store"] = asyncio.run(_store(bench.inputs.folder / "shares.sqlite3", sample))
    question = bench.inputs.questions["search-small"]
    with processes.backend(bench.inputs.answer, bench.inputs.log("backend")) as backend:
        with processes.bare(backend, bench.inputs.log("bare")) as (url, started):
            both = Target(url=url, started=started, backend=backend).load(bench, question)
        with processes.bare("", bench.inputs.log("bare")) as (url, started):
            used = started.cpu_seconds()
            inbound = processes.load(
                ["--url", url, "--warm-up", "0", *question.arguments()], seconds=bench.seconds
            )
            used = started.cpu_seconds() - used
        with gateway(bench.inputs, backend) as target:
            whole = target.load(bench, question)
    parts["HTTP in"] = used / max(1, inbound["count"]) * MICROSECONDS
    parts["HTTP out"] = both["cpu_us"] - parts["HTTP in"]
    parts["rest"] = whole["cpu_us"] - sum(parts.values())
    figures = {name: round(value, 1) for name, value in parts.items()}
    print(_table(figures, whole["cpu_us"]))
    failures = {**both["failures"], **inbound["failures"], **whole["failures"]}
    return {
        "cpu_us": round(whole["cpu_us"], 1),
        "parts_us": figures,
        "failures": failures,
        "first_failure": whole["first_failure"],
    }


MEANINGS = {
    "parse": "JSON of the call, XML of the answer",
    "check": "canonical schema of request, completed request and answer; wire schema of both",
    "map": "completion, request to XML, answer from XML",
    "print": "canonical JSON of request and answer for the store and the caller",
    "store": "two durable transactions, their fsync in a thread",
    "HTTP in": "uvicorn and the ASGI handler",
    "HTTP out": "the aiohttp client",
    "rest": "tasks, futures, logs, routing, waiting for the interpreter lock",
}


def _table(parts: Measured, whole: float) -> str:
    lines = [ROW.format("part", "µs", "share", "what")]
    lines += [
        ROW.format(name, f"{value:.0f}", f"{value / whole:.0%}", MEANINGS[name])
        for name, value in parts.items()
    ]
    return "\n".join([*lines, ROW.format("whole", f"{whole:.0f}", "100%", "")])


def prepare(inputs: Inputs) -> Sample:
    """Translate the search and its answer once."""
    schemas = catalogue_of(inputs)
    exchange = load_adapter(XMELD, schemas).exchanges[OPERATION]
    completed = json.loads((XMELD / "examples" / "search-small.api.json").read_bytes())
    answer = inputs.answer.read_bytes()
    return Sample(
        asked=inputs.questions["search-small"].body.read_bytes(),
        written=exchange.write_request(completed, {}),
        read=exchange.read_answer(answer),
        answer=answer,
        schemas=schemas,
    )


def _translation(sample: Sample) -> Measured:
    """Microseconds of parsing, checking, mapping and printing one search and its answer."""
    written, read, schemas = sample.written, sample.read, sample.schemas
    document = parse_json(sample.asked)
    for_callers = schemas.for_callers(f"{OPERATION}/request.schema.json")
    wire = schemas.wire_schema(written.map.wire_schema)
    messages = (written.writing.data, sample.answer)
    roots = [parse_xml(data, limit=LIMIT).root for data in messages]

    def check_inside() -> None:
        """The checks that are part of writing and reading; writing parses what it has written."""
        schemas.canonical(written.map.api).check(written.document)
        schemas.canonical(read.map.api).check(read.reading.document)
        etree.fromstring(written.writing.data)
        for root, data in zip(roots, messages, strict=True):
            wire.check(root, namespaces=written.map.namespaces, data=data)

    def translate() -> None:
        written.map.write(written.map.complete(written.document, {}))
        read.map.read(sample.answer)

    def show() -> None:
        canonical_json(written.document)
        canonical_json(read.reading.document)
        written.writing.ledger.to_json()
        read.reading.ledger.to_json()

    parse_answer = _us(lambda: parse_xml(sample.answer, limit=LIMIT, drop_notes=True))
    inside = _us(check_inside)
    return {
        "parse": _us(lambda: parse_json(sample.asked)) + parse_answer,
        "check": inside + _us(lambda: for_callers.check(document)),
        "map": _us(translate) - inside - parse_answer,
        "print": _us(show),
    }


def _us(action: Callable[[], object]) -> float:
    for _ in range(ROUNDS // 10):
        action()
    began = time.process_time()
    for _ in range(ROUNDS):
        action()
    return (time.process_time() - began) / ROUNDS * MICROSECONDS


async def _store(path: Path, sample: Sample) -> float:
    """Accept and settle messages, so many at once; all threads of this process count."""
    store = SqliteStore(path)
    await store.open()
    try:
        await _journeys(store, sample, STORED // 10)
        began = time.process_time()
        await _journeys(store, sample, STORED)
        return (time.process_time() - began) / STORED * MICROSECONDS
    finally:
        await store.close()


async def _journeys(store: SqliteStore, sample: Sample, number: int) -> None:
    left = iter(range(number))

    async def one_after_the_other() -> None:
        for _ in left:
            await _journey(store, sample)

    await asyncio.gather(*[one_after_the_other() for _ in range(AT_ONCE)])


async def _journey(store: SqliteStore, sample: Sample) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - no gateway runs here
    message = Message(
        id=MessageId(str(uuid4())),
        tenant="default",
        caller="bench",
        operation="residents/search",
        operation_version=1,
        kind=OperationKind.QUERY,
        repeatable=True,
        authority="ags:16099001",
        channel="bench",
        state=State.DELIVERING,
        accepted_at=now,
        deadline_at=now + timedelta(seconds=30),
        next_attempt_at=None,
        attempts=1,
    )
    accepted = Entry(at=now, event="message.accepted", state=State.ACCEPTED)
    started = Entry(at=now, event="delivery.started", state=State.DELIVERING, attempt=1)
    await store.accept(
        message,
        [
            _stage(StageKind.CANONICAL_REQUEST, canonical_json(sample.written.document)),
            _stage(StageKind.WIRE_REQUEST, sample.written.writing.data),
        ],
        [accepted, started],
    )
    answered = Entry(at=now, event="message.answered", state=State.ANSWERED, attempt=1)
    await store.advance(
        Step(
            message_id=message.id,
            start=frozenset({State.DELIVERING}),
            entry=answered,
            ends_attempt=AttemptResult.ANSWERED,
            stages=[
                _stage(StageKind.WIRE_ANSWER, sample.answer),
                _stage(StageKind.CANONICAL_ANSWER, canonical_json(sample.read.reading.document)),
            ],
        )
    )


def _stage(kind: StageKind, body: bytes) -> Stage:
    return Stage(kind=kind, body=body, media_type="application/octet-stream", ledger=b"{}")
