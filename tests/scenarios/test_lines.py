"""A line of the crash tests does to a connection what its name says."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from gateway.cli.demo import free_port
from tests.scenarios.crash.lines import HOST, Line
from tests.scenarios.crash.town import Wire

MESSAGE = "11111111-1111-4111-8111-111111111111"
HEAD = f"POST / HTTP/1.1\r\nMessage-Id: {MESSAGE}\r\nHost: x\r\n\r\n".encode()
SHORT = 0.2


class Echo:
    """A server that says everything again, and remembers what it heard."""

    def __init__(self) -> None:
        self.heard = b""
        self._talks = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks += 1
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                self.heard += data
                writer.write(data)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        self._talks -= 1

    async def ends(self) -> None:
        """Wait until every connection has ended."""
        while self._talks:  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0.001)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def line(echo: Echo) -> AsyncIterator[Line]:
    server = await asyncio.start_server(echo.talk, HOST, 0)
    line = Line(server.sockets[0].getsockname()[1], port=free_port(0))
    await line.open()
    yield line
    await line.close()
    server.close()
    await echo.ends()


class Peer:
    """Who calls through the line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def calls(cls, line: Line) -> "Peer":
        return cls(*await asyncio.open_connection(HOST, line.port))

    async def says(self, data: bytes) -> bytes:
        """Send bytes and hear as many; fewer if the connection ends."""
        self._writer.write(data)
        try:
            return await self._reader.readexactly(len(data))
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def hears_nothing(self, data: bytes) -> bool:
        """Whether nothing happens for a while, and the connection still stands."""
        try:
            async with asyncio.timeout(SHORT):
                await self.says(data)
        except TimeoutError:
            return True
        return False

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


async def test_a_line_hands_on_what_is_said(line: Line) -> None:
    peer = await Peer.calls(line)
    assert await peer.says(b"hello") == b"hello"
    await peer.close()


async def test_a_line_that_is_cut_ends_connections_and_refuses_new_ones(line: Line) -> None:
    peer = await Peer.calls(line)
    await peer.says(b"hello")
    line.cut()
    assert await peer.says(b"are you there") == b""
    with pytest.raises(ConnectionRefusedError):
        await Peer.calls(line)
    await line.open()
    again = await Peer.calls(line)
    assert await again.says(b"hello") == b"hello"
    await again.close()
    await peer.close()


async def test_a_line_that_drops_connections_takes_new_ones(line: Line) -> None:
    peer = await Peer.calls(line)
    await peer.says(b"hello")
    line.drop()
    assert await peer.says(b"are you there") == b""
    again = await Peer.calls(line)
    assert await again.says(b"hello") == b"hello"
    await again.close()
    await peer.close()


async def test_what_is_said_on_a_silent_line_never_arrives(line: Line, echo: Echo) -> None:
    old = await Peer.calls(line)
    await old.says(b"hello")
    line.fall_silent()
    new = await Peer.calls(line)
    assert await old.hears_nothing(b"old")
    assert await new.hears_nothing(b"new")
    line.speak()
    assert await old.says(b"are you there") == b""
    assert await new.says(b"are you there") == b""
    assert echo.heard == b"hello"
    again = await Peer.calls(line)
    assert await again.says(b"hello") == b"hello"
    for peer in (old, new, again):
        await peer.close()


async def test_a_slow_line_keeps_everything_in_order(line: Line, echo: Echo) -> None:
    peer = await Peer.calls(line)
    await peer.says(b"0")
    line.delay = SHORT
    began = time.monotonic()
    slow = asyncio.ensure_future(peer.says(b"slow and "))
    await asyncio.sleep(SHORT / 2)
    line.delay = 0
    assert await slow == b"slow and "
    assert time.monotonic() - began >= SHORT
    assert await peer.says(b"quick") == b"quick"
    assert echo.heard == b"0slow and quick"
    await peer.close()


async def test_nobody_behind_the_line_ends_the_connection(line: Line) -> None:
    line.target = free_port(0)
    peer = await Peer.calls(line)
    assert await peer.says(b"hello") == b""
    await peer.close()


@pytest.mark.parametrize("cut", range(1, len(HEAD)))
def test_a_message_is_noted_once_however_its_head_is_cut(cut: int) -> None:
    sent: dict[str, list[float]] = {}
    wire = Wire(sent)
    for connection in (1, 2):
        wire.hear(connection, HEAD[:cut])
    for connection in (1, 2):
        wire.hear(connection, HEAD[cut:] + b"<body/>")
        wire.hear(connection, b"<more/>")
    assert len(sent[MESSAGE]) == 2
