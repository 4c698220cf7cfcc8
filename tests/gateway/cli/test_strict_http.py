"""What the server refuses before there is a request."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from gateway.cli.strict_http import (
    LONGEST_HEAD_BYTES,
    LONGEST_TARGET_BYTES,
    MOST_HEADERS,
    StrictProtocol,
)

END = b"Connection: close\r\n\r\n"


async def names_of_headers(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, then answers with the names of the headers it was called with."""
    while (await receive()).get("more_body", False):
        pass
    body = b",".join(name for name, _ in scope["headers"])
    head = [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def listening() -> AsyncIterator[int]:
    config = uvicorn.Config(
        names_of_headers, lifespan="off", log_config=None, port=0, http=StrictProtocol
    )
    server = uvicorn.Server(config)
    # Not `serve`, which takes over the signals of the process.
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


async def exchange(*parts: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to a request that is sent in parts."""
    async with listening() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


async def test_no_request_gets_a_problem_document() -> None:
    head, body = await exchange(b"quendel\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head
    problem: dict[str, Any] = json.loads(body)
    assert (problem["code"], problem["fault"]) == ("request-malformed", "caller")
    assert b"quendel" not in body


@pytest.mark.parametrize("unit", [b"x" * 4096, b"X-A: b\r\n" * 512], ids=["one", "many"])
async def test_a_head_has_a_longest_length(unit: bytes) -> None:
    number = LONGEST_HEAD_BYTES // len(unit) + 1
    opening = b"GET / HTTP/1.1\r\n" + (b"X-Long: " if unit.startswith(b"x") else b"")
    head, body = await exchange(opening, *[unit] * number)
    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert json.loads(body)["code"] == "head-too-large"


async def test_only_so_many_headers_are_taken() -> None:
    opening, one = b"GET / HTTP/1.1\r\n", b"X-A: b\r\n"
    head, body = await exchange(opening, one * (MOST_HEADERS - 1), END)
    assert head.startswith(b"HTTP/1.1 200")
    assert body.count(b"x-a") == MOST_HEADERS - 1
    head, body = await exchange(opening, one * MOST_HEADERS, END)
    assert head.startswith(b"HTTP/1.1 431")
    assert json.loads(body)["code"] == "head-too-large"


@pytest.mark.parametrize(("more", "status"), [(0, b"200"), (1, b"431")])
async def test_a_path_has_a_longest_length(more: int, status: bytes) -> None:
    path = b"/" + b"x" * (LONGEST_TARGET_BYTES - 1 + more)
    head, _ = await exchange(b"GET " + path + b" HTTP/1.1\r\n" + END + b"body")
    assert head.startswith(b"HTTP/1.1 " + status)


async def test_heads_of_one_connection_are_measured_one_by_one() -> None:
    request = b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (LONGEST_HEAD_BYTES * 2 // 3) + b"\r\n"
    head, _ = await exchange(request[:9000], request[9000:] + END)
    assert head.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("cut", [True, False], ids=["in two parts", "in one part"])
@pytest.mark.parametrize("framing", [b"Content-Length: 20", b"Transfer-Encoding: chunked"])
async def test_a_wish_for_another_protocol_is_ignored(*, framing: bytes, cut: bool) -> None:
    wish = b"Connection: Upgrade, close\r\nUpgrade: h2c\r\n"
    head = b"POST / HTTP/1.1\r\n" + wish + framing + b"\r\n\r\n"
    smuggled = b"GET / HTTP/1.1\r\n\r\nxx"
    body = smuggled if framing.startswith(b"C") else b"14\r\n" + smuggled + b"\r\n0\r\n\r\n"
    said, names = await exchange(*([head, body] if cut else [head + body]))
    assert said.startswith(b"HTTP/1.1 200")
    assert names == b"connection," + framing.partition(b":")[0].lower()


async def test_a_wish_without_a_body_is_ignored_too() -> None:
    wish = b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    head, names = await exchange(b"GET / HTTP/1.1\r\n" + wish)
    assert (head.partition(b"\r\n")[0], names) == (b"HTTP/1.1 200 OK", b"connection")


async def test_a_tunnel_is_refused() -> None:
    head, _ = await exchange(b"CONNECT example.org:443 HTTP/1.1\r\n" + END)
    assert head.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("cut", [True, False], ids=["in two parts", "in one part"])
async def test_a_trailer_is_no_header(*, cut: bool) -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    rest = b"1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
    _, body = await exchange(*([head, rest] if cut else [head + rest]))
    assert body == b"transfer-encoding,connection"
