"""A TCP line between two processes that can be cut, dropped, slowed down, or go silent."""

import asyncio
from collections import deque
from collections.abc import Callable

from typing_extensions import override

HOST = "127.0.0.1"

Tap = Callable[[int, bytes], None]
"""Hears the number of the connection and each piece that goes out, when it is read."""


def _nobody(_connection: int, _data: bytes) -> None:
    pass


class Line:
    """Forwards connections made to ``port`` to another port of this machine; one event loop.

    What was under way when the line was cut, or silent, never arrives.
    """

    def __init__(self, target: int, *, port: int, tap: Tap = _nobody) -> None:
        """Make a line that is not open.

        Args:
            target: Port to forward to.
            port: Port to listen at.
            tap: Hears what goes out.
        """
        self.target = target
        self.port = port
        self.tap = tap
        self.delay = 0.0
        """How long each piece takes, in seconds."""
        self.made = 0
        """Connections so far."""
        self._silent = False
        self._server: asyncio.Server | None = None
        self._ends: set[_End] = set()
        self._connecting: set[asyncio.Task[None]] = set()

    @property
    def is_silent(self) -> bool:
        """Whether connections are taken, and nothing that is sent on them arrives."""
        return self._silent

    async def open(self) -> None:
        """Take connections, if it does not already."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: _Near(self), HOST, self.port)

    def cut(self) -> None:
        """End all connections and refuse new ones, until it is opened."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()

    def drop(self) -> None:
        """End all connections."""
        for end in list(self._ends):
            end.abort()

    def fall_silent(self) -> None:
        """Let nothing arrive any more: each side believes that the other one is there."""
        self._silent = True
        for end in self._ends:
            end.stop_reading()

    def speak(self) -> None:
        """Work again, for new connections; those that were silent end."""
        self._silent = False
        self.drop()

    async def close(self) -> None:
        """End it; nothing of it is left on return."""
        self.cut()
        while self._ends or self._connecting:  # noqa: ASYNC110 - they end one by one, within a turn of the loop or two
            await asyncio.sleep(0.001)


class _End(asyncio.Protocol):
    """One of the two ends of a connection; hands on what it reads to the other."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.other: _End | None = None
        self._transport: asyncio.Transport | None = None
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.line._ends.add(self)
        if self.line.is_silent:
            transport.pause_reading()

    @override
    def data_received(self, data: bytes) -> None:
        due = asyncio.get_running_loop().time() + self.line.delay
        self._under_way.append((due, data))
        if self._timer is None:
            self._hand_on()

    @override
    def eof_received(self) -> bool:
        return False

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.line._ends.discard(self)
        self._ended = True
        if self._timer is None:
            self._hand_on()

    def write(self, data: bytes) -> None:
        """Send what came from the other end."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def finish(self) -> None:
        """Close it once everything is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End it at once; what is under way never arrives."""
        self._under_way.clear()
        if self._transport is not None:
            self._transport.abort()

    def stop_reading(self) -> None:
        """Leave what comes to the kernel, where it stays."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def start_reading(self) -> None:
        """Read, unless the line is silent."""
        if self._transport is not None and not self.line.is_silent:
            self._transport.resume_reading()

    def _hand_on(self) -> None:
        """Send what has been under way for long enough; look again when the next one has."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._under_way and self._under_way[0][0] <= loop.time():
            _, data = self._under_way.popleft()
            if self.other is not None:
                self.other.write(data)
        if self._under_way:
            self._timer = loop.call_at(self._under_way[0][0], self._hand_on)
        elif self._ended and self.other is not None:
            self.other.finish()


class _Near(_End):
    """The end of who called; makes the other one."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        line.made += 1
        self._number = line.made

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.stop_reading()
        connecting = asyncio.get_running_loop().create_task(self._connect())
        self.line._connecting.add(connecting)
        connecting.add_done_callback(self.line._connecting.discard)

    @override
    def data_received(self, data: bytes) -> None:
        self.line.tap(self._number, data)
        super().data_received(data)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        far = _End(self.line)
        try:
            await loop.create_connection(lambda: far, HOST, self.line.target)
        except OSError:
            self.abort()
            return
        far.other, self.other = self, far
        if self._ended:
            far.abort()
        else:
            self.start_reading()
