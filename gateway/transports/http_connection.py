"""One HTTP/1.1 connection as a client uses it: one request after the other, each with its answer.

Framing is httptools' (llhttp), without any leniency; the bytes of bodies are not looked into. A
general client does more for a request than all else that the gateway does for a small message:
redirects, cookies, decoding, multipart and tracing, none of which is wanted here.

Kept out: who connects and how many there are (``http_pool``), and what an answer means (``http``).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import cast

import httptools
from typing_extensions import override

from gateway.errors import GatewayError
from gateway.transports.http_answer import BrokenOffError, HttpAnswer

PIECE_BYTES = 256 * 1024
"""A longer body is handed over in pieces: as a whole it is copied twice, and the event loop stands
still meanwhile."""

MOST_HEAD_BYTES = 64 * 1024
"""Longest head of an answer, interim ones included; real ones have a hundredth of it."""

Chunks = Callable[[], AsyncGenerator[bytes, None]]
"""Begins to make a body that is sent meanwhile."""

_BROKE = "the connection broke"
_NOT_MADE = "an attachment could not be read to its end, so it was broken off"
_NO_HTTP = "the answer is not HTTP"
_INTERIM = range(100, 200)
_SWITCHING = 101


class HttpConnection(asyncio.Protocol):
    """A connection that is open; used by one request at a time.

    Attributes:
        idle_since: When it was last given back, on the clock of the loop.
    """

    def __init__(self) -> None:
        """Belong to the running loop."""
        self.idle_since = 0.0
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport  # from the start on
        self._parser = httptools.HttpResponseParser(self)
        self._answer: HttpAnswer | None = None
        self._head_bytes = 0
        self._news: asyncio.Future[None] | None = None
        self._is_open = False
        self._is_paused = False
        self._is_sent = False
        self._is_spoiled = False

    @property
    def is_usable(self) -> bool:
        """Whether a request can be sent: it is open, and nothing unasked for came."""
        return self._is_open and not self._is_spoiled

    def abort(self) -> None:
        """Close it at once; a request under way fails."""
        self._is_spoiled = True
        self._transport.abort()

    async def ask(self, head: bytes, body: bytes | Chunks, answer: HttpAnswer) -> None:
        """Send a request; returns when the head of its answer is there.

        A server may answer before it has read everything: the rest is then not sent.

        Args:
            head: Request line and headers, with the empty line.
            body: As long as the head says; or what makes it, chunk by chunk.
            answer: What the answer is put into.

        Raises:
            BrokenOffError: The connection failed, or the body could not be made to its end. Bytes
                of the request may have arrived, but never more than were made.
        """
        self._answer, self._is_sent = answer, False
        if not self._is_open:  # lost since it was opened
            raise BrokenOffError(_BROKE)
        if not isinstance(body, bytes):
            self._transport.write(head)
            self._is_sent = await self._send_chunks(body, answer)
        elif len(body) <= PIECE_BYTES:
            self._transport.write(head + body)
            self._is_sent = True
        else:
            self._transport.write(head)
            self._is_sent = await self._send_pieces(body, answer)
        while not (answer.has_head or answer.is_over):
            await self._change()
        _require(answer)

    async def rest(self, answer: HttpAnswer) -> None:
        """Wait for the end of the answer, or of what is taken of it; raises as ``ask``."""
        while not answer.is_over:
            await self._change()
        _require(answer)

    def finish(self) -> None:
        """Forget the request; if it did not come to its end, the connection is closed."""
        answer, self._answer = self._answer, None
        is_done = answer is not None and answer.is_complete and answer.keeps_alive
        if not (is_done and self._is_sent and self.is_usable):
            self.abort()

    async def _send_pieces(self, body: bytes, answer: HttpAnswer) -> bool:
        """Send a long body; whether all of it was."""
        view = memoryview(body)
        for start in range(0, len(view), PIECE_BYTES):
            if not await self._send(view[start : start + PIECE_BYTES], answer):
                return False
        return True

    async def _send_chunks(self, make: Chunks, answer: HttpAnswer) -> bool:
        """Send a body that is made meanwhile; whether all of it was."""
        try:
            async with aclosing(make()) as chunks:
                async for chunk in chunks:
                    if not await self._send(chunk, answer):
                        return False
        except GatewayError:
            raise BrokenOffError(_NOT_MADE) from None
        return True

    async def _send(self, piece: bytes | memoryview, answer: HttpAnswer) -> bool:
        """Send one piece; whether more of them are wanted."""
        self._transport.write(piece)
        while self._is_paused and not answer.is_over:
            await self._change()
        return not answer.is_over

    async def _change(self) -> None:
        self._news = self._loop.create_future()
        await self._news

    def _tell(self) -> None:
        news, self._news = self._news, None
        if news is not None and not news.done():
            news.set_result(None)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's, so this cannot be asked with isinstance.
        self._transport = cast("asyncio.Transport", transport)
        self._is_open = True

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._is_open = False
        answer = self._answer
        if answer is not None and not answer.is_over:
            if exc is None:
                answer.end()
            else:
                answer.fault = _BROKE
        self._tell()

    @override
    def pause_writing(self) -> None:
        self._is_paused = True

    @override
    def resume_writing(self) -> None:
        self._is_paused = False
        self._tell()

    @override
    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None or answer.is_over:
            self.abort()  # nobody asked for that
            return
        if self._feed(data, answer):
            self._tell()

    def _feed(self, data: bytes, answer: HttpAnswer) -> bool:
        """Parse what came; whether the head has become whole or the answer is over."""
        had_head = answer.has_head
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._is_spoiled = True
        except httptools.HttpParserError:
            self._is_spoiled = True
            if not answer.is_over:
                answer.fault = _NO_HTTP
        if answer.has_head:
            self._head_bytes = 0
            return answer.is_over or not had_head
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            answer.fault = _NO_HTTP
        return answer.is_over

    # From here on: what the parser calls, once for each part of an answer.

    def on_message_begin(self) -> None:
        """An answer begins; behind a complete one it belongs to nothing."""
        if self._answer is not None and self._answer.is_complete:
            self._is_spoiled = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, of which none is of interest."""
        answer = self._answer
        if answer is not None and not answer.has_head:
            answer.headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """The head is whole; one of an interim answer is forgotten."""
        answer = self._answer
        if answer is None or answer.is_complete:
            return
        status = self._parser.get_status_code()
        if status in _INTERIM and status != _SWITCHING:
            answer.headers.clear()
            return
        answer.status = status
        answer.has_head = True

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        answer = self._answer
        if answer is not None and not answer.is_over:
            answer.add(body)

    def on_message_complete(self) -> None:
        """The end of an answer, or of an interim one."""
        answer = self._answer
        if answer is not None and answer.has_head and not answer.is_over:
            answer.is_complete = True
            answer.keeps_alive = self._parser.should_keep_alive()


def _require(answer: HttpAnswer) -> None:
    if answer.fault is not None:
        raise BrokenOffError(answer.fault)
