"""A backend that costs next to nothing: one prepared answer, the asker's message id spliced in.

Raw ``asyncio`` protocol, no HTTP library, so that it is never what a run measures. It does not
look at the request beyond the message id. ``GET`` answers how many posts it has answered so far;
``GET /hold`` makes posts wait for their answer until ``GET /release``; ``--delay`` makes each wait.
"""

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

import uvloop
from typing_extensions import override

OPENING = b"nachrichtenUUID>"
"""End of the start tag whose text is the message id, in requests and in the answer."""

ID_LENGTH = 36
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class Template:
    """The prepared answer; the last message id in it is the one it refers to."""

    def __init__(self, answer: bytes) -> None:
        # The answer's own id comes first, the id it answers last; with no id the bytes stay fixed.
        end_tag = answer.rfind(b"</" + OPENING)
        self._whole = _response(answer, b"application/xml")
        self._splits = end_tag >= ID_LENGTH
        if self._splits:
            place = len(self._whole) - (len(answer) - end_tag)
            self._before = self._whole[: place - ID_LENGTH]
            self._after = self._whole[place:]

    def fill(self, request: bytes) -> bytes:
        """Return the response to one request, head and body."""
        start = request.find(OPENING)
        if start < 0 or not self._splits:
            return self._whole
        start += len(OPENING)
        return self._before + request[start : start + ID_LENGTH] + self._after


class Desk:
    """What all connections share: the template, how many were answered, and who must wait."""

    def __init__(self, template: Template, delay: float = 0.0) -> None:
        self._template = template
        self._delay = delay
        self._answered = 0
        self._holds = False
        self._held: list[Callable[[], None]] = []

    def ask(self, request: bytes, send: Callable[[bytes], None]) -> None:
        """Answer one request, at once or when released."""
        if request.startswith(b"GET "):
            self._steer(request)
            send(_response(str(self._answered).encode(), b"text/plain"))
        elif self._holds:
            self._held.append(lambda: self._answer(request, send))
        elif self._delay:
            loop = asyncio.get_running_loop()
            loop.call_later(self._delay, self._answer, request, send)
        else:
            self._answer(request, send)

    def _answer(self, request: bytes, send: Callable[[bytes], None]) -> None:
        self._answered += 1
        send(self._template.fill(request))

    def _steer(self, request: bytes) -> None:
        if request.startswith(b"GET /hold "):
            self._holds = True
        elif request.startswith(b"GET /release "):
            self._holds = False
            held, self._held = self._held, []
            for answer in held:
                answer()


class Gathering:
    """Collects one HTTP message after the other; a long one is joined once, at its stated end."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._enough = 0

    def add(self, data: bytes) -> bytes | None:
        """Take what arrived; the whole message if it ends with it."""
        self._parts.append(data)
        self._size += len(data)
        if self._size < self._enough:
            return None
        message = data if len(self._parts) == 1 else b"".join(self._parts)
        if not is_whole(message):
            self._parts, self._enough = [message], stated_size(message)
            return None
        self._parts, self._size, self._enough = [], 0, 0
        return message


class Backend(asyncio.Protocol):
    """One connection; requests come one after the other, never pipelined."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._gathering = Gathering()
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's, so this cannot be asked with isinstance.
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        request = self._gathering.add(data)
        if request is not None and self._transport is not None:
            self._desk.ask(request, self._transport.write)


def is_whole(message: bytes) -> bool:
    """Whether head and body are there; understands a stated length and chunks."""
    head_end = message.find(HEAD_END)
    if head_end < 0:
        return False
    head = message[:head_end]
    if LENGTH not in head.lower() and b"chunked" in head.lower():
        return message.endswith(b"0\r\n\r\n")
    return len(message) >= head_end + len(HEAD_END) + body_length(head)


def stated_size(message: bytes) -> int:
    """Size of head and body as the head says; 0 if it is not complete, or says nothing."""
    head_end = message.find(HEAD_END)
    if head_end < 0 or LENGTH not in message[:head_end].lower():
        return 0
    return head_end + len(HEAD_END) + body_length(message[:head_end])


def body_length(head: bytes) -> int:
    """Length of the body that the head announces; 0 if it announces none."""
    place = head.lower().find(LENGTH)
    if place < 0:
        return 0
    return int(head[place + len(LENGTH) :].split(b"\r\n", 1)[0])


def _response(body: bytes, media_type: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d" % (media_type, len(body))
    return head + HEAD_END + body


async def serve(port: int, answer: bytes, delay: float) -> None:
    """Answer on loopback until the process is ended."""
    desk = Desk(Template(answer), delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Backend(desk), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--answer", type=Path, required=True)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.answer.read_bytes(), given.delay))


if __name__ == "__main__":
    main()
