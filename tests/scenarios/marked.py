"""Searches full of markers, an authority that echoes them wrongly, and a net for what is said."""

import asyncio
import contextlib
import itertools
import json
import logging
import re
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any

from typing_extensions import override

from gateway.cli.logs import JsonLines, ReadableLines
from gateway.messaging.ports import Receipt, Transport, WireAnswer, WireMessage
from tests.scenarios.house import EXAMPLES, SCHEMAS, SEARCH

MARK = "Zxq7Marker"
"""Begins every marked value; letters that every schema takes."""


FREE_TEXTS = frozenset(
    {"text", "street", "municipalityName", "place", "purpose", "caseReference", "officer"}
)
"""Members of a search that take any text."""


def marked_search(**fields: Any) -> dict[str, Any]:
    """A valid search whose every free text is a marker of its own."""
    example = json.loads((SCHEMAS / SEARCH / "request.example.json").read_bytes())
    full = json.loads((EXAMPLES / "search-full.api.json").read_bytes())["search"]
    search = {**full, "name": example["search"]["name"]}
    numbers = itertools.count()
    return {**_marked({**example, "search": search}, numbers), **fields}


def _marked(document: dict[str, Any], numbers: Iterator[int]) -> dict[str, Any]:
    marked = dict(document)
    for name, value in document.items():
        if isinstance(value, dict):
            marked[name] = _marked(value, numbers)
        elif name in FREE_TEXTS:
            marked[name] = f"{MARK}{next(numbers)}"
    return marked


def body_of(document: Any) -> bytes:
    """UTF-8 JSON."""
    return json.dumps(document, ensure_ascii=False).encode()


HIT = (EXAMPLES / "answer-hit.wire.xml").read_bytes()
MESSAGE_ID = re.compile(rb"<nachrichtenUUID>([^<]*)<")
FAMILY = re.compile(rb"(<name>)[^<]*(</name>)")


def answer_to(request: bytes) -> bytes:
    """The example answer, as an answer to this request, with a marker for a free text."""
    found = MESSAGE_ID.search(request)
    asked: bytes = found[1] if found else b""
    parts = HIT.rpartition(b"<nachrichtenUUID>")
    rest = parts[2].partition(b"<")
    addressed = parts[0] + parts[1] + asked + rest[1] + rest[2]
    return addressed.replace(b"Quendel", f"{MARK}Quendel".encode())


Answer = Callable[[bytes], bytes | None]
"""From the bytes of an HTTP request to those of the whole response; None: close without one."""


def http(body: bytes, *, head: bytes = b"HTTP/1.1 200 OK", more: bytes = b"") -> bytes:
    """A response as bytes."""
    length = f"Content-Length: {len(body)}\r\n".encode()
    return head + b"\r\nConnection: close\r\n" + length + more + b"\r\n" + body


@contextlib.asynccontextmanager
async def answering(answer: Answer, delay: float = 0) -> AsyncIterator[str]:
    """A server that answers as it is told, whatever HTTP says about that."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(found[1])) if found else b""
        await asyncio.sleep(delay)
        said = answer(body)
        if said is not None:
            writer.write(said)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


class BuggyTransport(Transport):
    """Fails in a way that nobody foresaw, and quotes the message."""

    @override
    async def open(self) -> None:
        pass

    @override
    async def close(self) -> None:
        pass

    @override
    async def exchange(self, outgoing: WireMessage, *, deadline: datetime) -> WireAnswer | Receipt:
        try:
            int(outgoing.body)
        except ValueError as error:
            raise RuntimeError(f"cannot send {outgoing.body!r}") from error
        raise AssertionError


class Net(logging.Handler):
    """Catches everything that is logged, in every form it can be written in."""

    def __init__(self) -> None:
        super().__init__(level=logging.NOTSET)
        self.texts: list[str] = []
        self._formatters = (JsonLines(), ReadableLines(), logging.Formatter("%(message)s"))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("http"):
            return  # httpx and httpcore: the caller in this same process
        self.texts.append(f"{record.msg} {record.args} {vars(record)}")
        self.texts += [formatter.format(record) for formatter in self._formatters]
        if record.exc_info:
            self.texts.append("".join(traceback.format_exception(*record.exc_info)))


@contextlib.contextmanager
def everything_logged() -> Iterator[Net]:
    """Catch the records of all loggers, at all levels, while the block runs."""
    net, root = Net(), logging.getLogger()
    level = root.level
    root.addHandler(net)
    root.setLevel(logging.DEBUG)
    try:
        yield net
    finally:
        root.setLevel(level)
        root.removeHandler(net)
