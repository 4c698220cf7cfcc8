import json
import socket
import time
from collections.abc import Iterator, MutableMapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.messaging.ports import Clock
from gateway.simulation.plan import Effect, Plan, load_plan
from gateway.simulation.server import create_authority, serve
from gateway.translation import Exchange


def call(url: str, data: bytes | None = None, path: str = "/") -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET" if data is None else "POST", path, data)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def named(data: bytes, family_name: str) -> bytes:
    """The request, asking for somebody whom the default plan treats in its own way."""
    return data.replace(b"<name>Quendel</name>", f"<name>{family_name}</name>".encode())


@pytest.fixture
def url(exchange: Exchange, examples: Path, clock: Clock) -> Iterator[str]:
    with serve(create_authority(exchange, load_plan(), examples, clock)) as address:
        yield address


def test_answers_over_a_socket(url: str, request_wire: bytes, exchange: Exchange) -> None:
    status, body = call(url, request_wire)
    assert status == 200
    assert exchange.read_answer(body).reading.document["outcome"] == "answered"


@pytest.mark.parametrize(
    ("family_name", "status"), [("Abgelehnt", 200), ("Serverfehler", 500), ("Unlesbar", 200)]
)
def test_default_plan_decides_by_family_name(
    url: str, request_wire: bytes, family_name: str, status: int
) -> None:
    assert call(url, named(request_wire, family_name))[0] == status


def test_repeat_fares_better_where_the_plan_says_so(url: str, request_wire: bytes) -> None:
    data = named(request_wire, "Erstfehler")
    assert [call(url, data)[0] for _ in range(2)] == [503, 200]


def test_dropped_connection_is_closed_without_a_byte(url: str, request_wire: bytes) -> None:
    data = named(request_wire, "Abbruch")
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(data) + data)
        assert peer.recv(1) == b""
    assert list(json.loads(call(url, path="/seen")[1]).values()) == [1]


def test_delay_holds_the_answer_back(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("answer: hit\nrules: [ { nth: 1, delay_ms: 150 } ]\n")
    with serve(create_authority(exchange, load_plan(path), examples, clock)) as url:
        began = time.monotonic()
        assert call(url, request_wire)[0] == 200
        assert time.monotonic() - began >= 0.15


def test_unreadable_request_is_refused_with_its_place_and_without_content(
    url: str, request_wire: bytes
) -> None:
    status, body = call(url, request_wire.replace(b"<code>w</code>", b"<code>geheim</code>"))
    assert status == 400
    assert b"geschlecht" in body
    assert b"geheim" not in body
    assert call(url, b"<geheim")[0] == 400
    assert json.loads(call(url, path="/seen")[1]) == {}


def test_seen_counts_by_message_id(url: str, request_wire: bytes) -> None:
    for _ in range(2):
        call(url, request_wire)
    other = request_wire.replace(b"6f1c9a54", b"00000000")
    call(url, other)
    assert sorted(json.loads(call(url, path="/seen")[1]).values()) == [1, 2]


def test_other_paths_are_not_found(url: str) -> None:
    assert call(url, path="/other")[0] == 404


def test_answer_that_cannot_be_written_is_an_error_with_its_place(
    exchange: Exchange, tmp_path: Path, clock: Clock, request_wire: bytes
) -> None:
    plan = Plan(otherwise=Effect(answer="hit"))
    (tmp_path / "answer-hit.api.json").write_text('{"outcome": "geheim"}')
    app = create_authority(exchange, plan, tmp_path, clock)
    reply = app.ask(request_wire)
    assert reply.status == 500
    assert b"geheim" not in reply.body
    assert reply.body.count(b"\n") >= 1


async def test_body_that_comes_in_parts_is_put_together(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    parts = iter([request_wire[:1000], request_wire[1000:]])
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        part = next(parts)
        return {"type": "http.request", "body": part, "more_body": len(part) == 1000}

    async def send(event: MutableMapping[str, Any]) -> None:
        sent.append(event)

    app = create_authority(exchange, load_plan(), examples, clock)
    assert await app({"type": "http", "method": "POST", "path": "/"}, receive, send) is None
    assert [event.get("status") for event in sent] == [200, None]
    assert await app({"type": "lifespan"}, receive, send) is None
    assert len(sent) == 2
