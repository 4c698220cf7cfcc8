"""``gateway.simulation.sending``: what comes over a real socket, byte by byte."""

import asyncio
import time
from datetime import timedelta

import pytest

from gateway.simulation.authority import Reply
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect
from gateway.simulation.sending import NOT_HTTP, send
from tests.gateway.simulation.talk import Heard, talk

BODY = b"<answer>" + b"x" * 90 + b"</answer>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 107\r\n\r\n"


async def heard(
    fault: Fault | None,
    *,
    keeps: bool = True,
    size_bytes: int = 300_000,
    pause: timedelta = timedelta(0),
) -> tuple[Heard, bool]:
    """What a client hears, and whether the connection could be used again."""
    effect = Effect(answer="", fault=fault, size_bytes=size_bytes, piece_bytes=40, pause=pause)
    reply = Reply(status=200, body=BODY, content_type="application/xml", effect=effect)
    kept: list[bool] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        kept.append(await send(reply, writer, keeps=keeps))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    said = await asyncio.to_thread(talk, url, b"?")
    server.close()
    await server.wait_closed()
    return said, kept[0]


@pytest.mark.parametrize("keeps", [True, False])
async def test_right_reply_is_whole(*, keeps: bool) -> None:
    said, kept = await heard(None, keeps=keeps)
    assert said == Heard(data=HEAD + BODY, was_reset=False)
    assert kept is keeps


@pytest.mark.parametrize(
    ("fault", "data"),
    [
        (Fault.DROP, b""),
        (Fault.NOT_HTTP, NOT_HTTP),
        (Fault.HALF, HEAD + BODY[:53]),
        (
            Fault.HALF_CHUNKED,
            HEAD.replace(b"Content-Length: 107", b"Transfer-Encoding: chunked")
            + b"23\r\n"
            + BODY[:35]
            + b"\r\n23\r\n"
            + BODY[35:70]
            + b"\r\n",
        ),
    ],
)
async def test_broken_reply_is_closed(fault: Fault, data: bytes) -> None:
    said, kept = await heard(fault)
    assert said == Heard(data=data, was_reset=False)
    assert not kept


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.AWAY])
async def test_reset_is_a_reset(fault: Fault) -> None:
    said, kept = await heard(fault)
    assert said == Heard(data=b"", was_reset=True)
    assert not kept


async def test_reply_sent_twice_stands_twice_on_the_connection() -> None:
    said, _ = await heard(Fault.TWICE)
    assert said.data == (HEAD + BODY) * 2


async def test_oversized_reply_has_the_size_it_announces() -> None:
    said, _ = await heard(Fault.OVERSIZED)
    assert b"Content-Length: 300000\r\n" in said.data
    assert len(said.body) == 300_000
    assert said.body.rstrip(b" ") == BODY


async def test_oversized_reply_is_never_shorter_than_the_answer() -> None:
    said, _ = await heard(Fault.OVERSIZED, size_bytes=1)
    assert said.data == HEAD + BODY


async def test_trickle_is_whole_and_slow() -> None:
    began = time.monotonic()
    said, kept = await heard(Fault.TRICKLE, pause=timedelta(milliseconds=30))
    assert said.data == HEAD + BODY
    assert kept
    assert time.monotonic() - began >= 0.09
