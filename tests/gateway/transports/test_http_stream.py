"""Bodies that are made while they are sent, over HTTP to a real server."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from gateway.errors import NotSentError, OutcomeUnknownError
from gateway.messaging.channel import Channel
from gateway.messaging.message import MessageId
from gateway.messaging.ports import Clock, WireAnswer
from gateway.messaging.streamed import StreamedMessage
from gateway.transports.http import HttpTransport

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=10)
CHUNK = b"x" * 65_536


class StandingClock(Clock):
    @override
    def now(self) -> datetime:
        return NOON


class Sink:
    """Reads one request to its end, as announced; answers 200."""

    def __init__(self) -> None:
        self.head = b""
        self.body = b""
        self.whole = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.head = await reader.readuntil(b"\r\n\r\n")
            length = int(self.head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            while len(self.body) < length and (piece := await reader.read(65_536)):
                self.body += piece
            self.whole = len(self.body) == length
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def transport_to(sink: Sink) -> AsyncIterator[HttpTransport]:
    server = await asyncio.start_server(sink, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    channel = Channel(name="main", adapter="test", transport="http", address=address)
    transport = HttpTransport(channel, StandingClock())
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()
        server.close()


def message(size_bytes: int, *, breaks_after: int | None = None) -> StreamedMessage:
    async def chunks() -> AsyncGenerator[bytes, None]:
        left, number = size_bytes, 0
        while left:
            if number == breaks_after:
                raise NotSentError("The content is gone.")
            chunk = CHUNK[:left]
            yield chunk
            left, number = left - len(chunk), number + 1

    return StreamedMessage(
        message_id=MessageId("11111111-2222-4333-8444-555555555555"),
        content_type="application/xml",
        size_bytes=size_bytes,
        chunks=chunks,
    )


@pytest.mark.parametrize("size", [0, 1, 65_536, 3_000_001])
async def test_all_chunks_arrive_under_their_announced_length(size: int) -> None:
    sink = Sink()
    async with transport_to(sink) as transport:
        answer = await transport.exchange_stream(message(size), deadline=LATER)
    assert isinstance(answer, WireAnswer)
    assert answer.body == b"ok"
    assert sink.body == b"x" * size
    head = sink.head.lower()
    assert f"content-length: {size}\r\n".encode() in head
    assert b"content-type: application/xml\r\n" in head
    assert b"message-id: 11111111-2222-4333-8444-555555555555\r\n" in head


@pytest.mark.parametrize("after", [0, 3])
async def test_what_cannot_be_made_to_its_end_is_no_whole_message(after: int) -> None:
    sink = Sink()
    async with transport_to(sink) as transport:
        with pytest.raises(OutcomeUnknownError):
            await transport.exchange_stream(message(900_000, breaks_after=after), deadline=LATER)
    assert not sink.whole


async def test_a_message_that_cannot_leave_is_not_sent() -> None:
    channel = Channel(name="main", adapter="test", transport="http", address="http://127.0.0.1:9/")
    transport = HttpTransport(channel, StandingClock())
    await transport.open()
    with pytest.raises(NotSentError):
        await transport.exchange_stream(message(10), deadline=LATER)
    await transport.close()
