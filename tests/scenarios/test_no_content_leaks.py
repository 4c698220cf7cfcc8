"""Values of a message appear in no log record, error text or history entry, whatever happens."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.flow.call import Call
from gateway.flow.desk import Desk
from gateway.messaging.lifecycle import State
from gateway.messaging.message import StageKind
from gateway.messaging.ports import MessageFilter
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import serve
from tests.scenarios.house import EXAMPLES, House, authority, call, caller, request

MARK = "Zxqmarke"

REFUSED: list[dict[str, Any] | bytes] = [
    request(MARK, unknown=MARK),
    request(MARK, officer=["x", MARK]),
    request(MARK, requestedData=[MARK]),
    request(MARK + "\u2603\x01"),
    request(MARK, sender={"id": MARK}),
    request(MARK, messageId=MARK),
    request(MARK, recipient={"id": MARK}),
    f'{{"a": "{MARK}", "a": "{MARK}"}}'.encode(),
    f'{{"{MARK}": {MARK}'.encode(),
]


def texts(records: list[logging.LogRecord]) -> str:
    return "\n".join(f"{record.getMessage()} {vars(record)}" for record in records)


async def tried(desk: Desk, asked: Call) -> str:
    """Everything a caller or operator is told about a call."""
    try:
        told = await desk.ask(asked)
    except GatewayError as error:
        chain = [error, error.__cause__, None if error.__suppress_context__ else error.__context__]
        return " ".join(f"{e} {e!r} {vars(e)}" for e in chain if e is not None)
    history = await desk.history(caller(), told.message.id)
    ledgers = await desk.ledger(caller(), told.message.id)
    return f"{told.message} {history} {ledgers}"


HIT = (EXAMPLES / "answer-hit.wire.xml").read_bytes()

UNREADABLE = {
    "no XML": MARK.encode(),
    "another root": f"<{MARK}>{MARK}</{MARK}>".encode(),
    "entity": f'<!DOCTYPE a [<!ENTITY b "{MARK}">]><a>&b;</a>'.encode(),
    "another message": HIT,
    "marked date": re.sub(rb"(<erstellungszeitpunkt>)[^<]*", rb"\1" + MARK.encode(), HIT),
    "marked element": HIT.replace(
        b"</nachrichtenkopf.g2g>", b"<x>Zxqmarke</x></nachrichtenkopf.g2g>"
    ),
    "marked attribute": HIT.replace(b"<nachrichtenkopf.g2g", b"<nachrichtenkopf.g2g a='Zxqmarke'"),
    "marked code": re.sub(rb"(<code>)[^<]*", rb"\1" + MARK.encode(), HIT),
}


@asynccontextmanager
async def answering(body: bytes) -> AsyncIterator[str]:
    """A server that answers everything with the same bytes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"</")
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_unreadable_answer_is_nowhere_quoted(
    database: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    body = UNREADABLE[kind]
    with caplog.at_level(logging.DEBUG):
        async with (
            answering(body) as url,
            House(database=database, url=url).running() as desk,
        ):
            said = await tried(desk, call())
            messages, _ = await desk.messages(caller(), MessageFilter(), limit=1)
            kept = await desk.store.stage(messages[0].id, StageKind.WIRE_ANSWER)
    assert messages[0].state is State.INVALID
    assert kept is not None
    assert kept.body == body
    assert MARK not in said + texts(caplog.records)


@pytest.mark.parametrize("document", REFUSED)
async def test_refusal_quotes_nothing(
    database: Path, caplog: pytest.LogCaptureFixture, document: dict[str, Any] | bytes
) -> None:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    with caplog.at_level(logging.DEBUG):
        async with House(database=database, url="http://127.0.0.1:1/").running() as desk:
            said = await tried(desk, call(body=body))
    assert "Error" in said
    assert MARK not in said + texts(caplog.records)


@pytest.mark.parametrize(
    "effect",
    [
        Effect(answer="hit"),
        Effect(answer="rejected"),
        Effect(answer="hit", fault=Fault.MALFORMED),
        Effect(answer="hit", fault=Fault.DROP),
        Effect(answer="hit", status=400),
        Effect(answer="hit", status=500),
    ],
)
async def test_journey_quotes_nothing(
    database: Path, caplog: pytest.LogCaptureFixture, effect: Effect
) -> None:
    with caplog.at_level(logging.DEBUG), serve(authority(Rule(effect=effect))) as url:
        async with House(database=database, url=url).running() as desk:
            said = await tried(desk, call(request(MARK), wait=timedelta(seconds=0.2)))
            assert MARK not in said + texts(caplog.records)
            assert caplog.records
            messages, _ = await desk.messages(caller(), MessageFilter(), limit=1)
            stage = await desk.store.stage(messages[0].id, StageKind.WIRE_REQUEST)
    assert stage is not None
    assert MARK.encode() in stage.body
