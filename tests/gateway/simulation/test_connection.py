"""``gateway.simulation.connection``: how requests are read from a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from gateway.simulation.authority import Reply, plain
from gateway.simulation.connection import Arrival, Connection
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect
from tests.gateway.simulation.talk import Heard, request, talk

BIG = b"x" * 1_000_000


@dataclass
class Desk:
    """Answers every request with its own length; notes what it read."""

    blind: Effect | None = None
    effect: Effect = Effect(answer="")  # noqa: RUF009 - frozen
    read: list[bytes] = field(default_factory=list)
    numbers: list[int | None] = field(default_factory=list)
    away: list[timedelta] = field(default_factory=list)

    def begin(self) -> Arrival:
        return Arrival(number=len(self.read) + 1, blind=self.blind)

    def ask(self, data: bytes, *, number: int | None = None) -> Reply:
        self.read.append(data)
        self.numbers.append(number)
        body = f"{len(data)}\n".encode()
        return Reply(status=200, body=body, content_type="text/plain", effect=self.effect)

    def show(self, path: str) -> Reply:
        return plain(200, path)

    async def go_away(self, lasts: timedelta) -> None:
        self.away.append(lasts)


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await Connection(desk, reader, writer, desk.go_away).run()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def heard(desk: Desk, sent: bytes) -> Heard:
    async with serving(desk) as url:
        return await asyncio.to_thread(talk, url, sent)


async def test_requests_on_one_connection_are_answered_in_order() -> None:
    desk = Desk()
    get = b"GET /seen HTTP/1.1\r\nHost: x\r\n\r\n"
    said = await heard(desk, request(b"abc") + get + request(b"defgh", "Connection: close"))
    assert said.data.count(b"HTTP/1.1 200 OK") == 3
    assert said.data.endswith(b"5\n")
    assert b"\r\n\r\n/seen" in said.data
    assert (desk.read, desk.numbers) == ([b"abc", b"defgh"], [1, 2])


async def test_request_in_chunks_is_put_together() -> None:
    desk = Desk()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    await heard(desk, head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert desk.read == [b"abcde"]


async def test_client_that_waits_for_leave_gets_it() -> None:
    said = await heard(Desk(), request(b"abc", "Expect: 100-continue", "Connection: close"))
    assert said.data.endswith(b"3\n")


async def test_what_is_no_http_is_refused_and_closed() -> None:
    desk = Desk()
    said = await heard(desk, b"hello\r\n\r\n")
    assert said.data.startswith(b"HTTP/1.1 400 ")
    assert desk.read == []


@pytest.mark.parametrize(
    ("fault", "sent"), [(Fault.RESET_AT_ONCE, b"x"), (Fault.RESET_HALFWAY, BIG)]
)
async def test_connection_is_reset_before_the_request_is_read(fault: Fault, sent: bytes) -> None:
    desk = Desk(blind=Effect(answer="", fault=fault))
    assert await heard(desk, request(sent)) == Heard(data=b"", was_reset=True)
    assert desk.read == []


async def test_half_a_request_is_enough_for_a_reset_halfway() -> None:
    desk = Desk(blind=Effect(answer="", fault=Fault.RESET_HALFWAY))
    half = request(BIG)[: len(BIG) // 2 + 200]
    assert (await heard(desk, half)).was_reset


async def test_authority_is_sent_away_after_the_reset() -> None:
    effect = Effect(answer="", fault=Fault.AWAY, lasts=timedelta(seconds=3))
    desk = Desk(effect=effect)
    assert (await heard(desk, request(b"x"))).was_reset
    assert desk.away == [timedelta(seconds=3)]
