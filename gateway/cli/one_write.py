"""HTTP answers that leave in one piece.

uvicorn writes the head and the body of an answer one after the other, which costs two system calls
and mostly two packets. Kept out: everything else of HTTP, which is uvicorn's.
"""

import asyncio
from typing import Any, cast

from typing_extensions import override

from gateway.cli.strict_http import StrictProtocol

LARGEST_JOINED = 64 * 1024
"""Bytes that wait for more; with that many at hand a second write does not matter."""


class OneWriteProtocol(StrictProtocol):
    """Our strict protocol on a transport that joins what is written within one turn of the loop."""

    @override
    def connection_made(  # type: ignore[override]  # as uvicorn declares it
        self, transport: asyncio.Transport
    ) -> None:
        """Begin a connection."""
        super().connection_made(cast("asyncio.Transport", JoiningTransport(transport, self.loop)))


class JoiningTransport:
    """A transport that hands on at the end of the turn what was written in it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's own."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep bytes until the end of the turn, or write a large piece after all before it."""
        if len(data) >= LARGEST_JOINED:
            self._hand_on()
            self._transport.write(data)  # by itself: joined, all of it would be copied
            return
        if not self._waiting:
            self._loop.call_soon(self._hand_on)
        self._waiting.append(data)

    def close(self) -> None:
        """Close once everything is written."""
        self._hand_on()
        self._transport.close()

    def _hand_on(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._transport.write(b"".join(waiting))
