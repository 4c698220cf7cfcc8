"""One connection against a server that sends exactly these bytes, in these pieces."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from gateway.transports.http_answer import BrokenOffError, HttpAnswer
from gateway.transports.http_connection import MOST_HEAD_BYTES, PIECE_BYTES, HttpConnection

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
BODY = b"1234"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def connected(
    pieces: Sequence[bytes], *, then: str = "wait", unasked: bytes = b""
) -> AsyncIterator[HttpConnection]:
    """A connection whose server answers the first request with ``pieces``."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if unasked:
            writer.write(unasked)
        else:
            await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        if then == "reset":
            writer.transport.abort()
        elif then == "close":
            writer.close()
        else:
            await over.wait()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(HttpConnection, "127.0.0.1", port)
    try:
        yield connection
    finally:
        connection.abort()
        over.set()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.01)


async def asked(connection: HttpConnection, *, limit: int = 1000) -> HttpAnswer:
    answer = HttpAnswer(limit)
    try:
        async with asyncio.timeout(5):
            await connection.ask(HEAD, BODY, answer)
            await connection.rest(answer)
    finally:
        connection.finish()
    return answer


async def test_answer_comes_whole_and_the_connection_is_kept() -> None:
    async with connected([OK]) as connection:
        answer = await asked(connection)
        assert (answer.status, answer.whole(), answer.is_complete) == (200, b"ok", True)
        assert connection.is_usable


async def test_answer_may_come_byte_by_byte() -> None:
    pieces = [bytes([byte]) for byte in OK]
    async with connected(pieces) as connection:
        assert (await asked(connection)).whole() == b"ok"


async def test_head_is_there_before_the_body() -> None:
    async with connected([OK[:-2], b"o", b"k"]) as connection:
        answer = HttpAnswer(10)
        await connection.ask(HEAD, BODY, answer)
        assert (answer.has_head, answer.is_over) == (True, False)
        await connection.rest(answer)
        assert answer.whole() == b"ok"


async def test_interim_answers_are_passed_over() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    async with connected([interim, OK]) as connection:
        answer = await asked(connection)
        assert (answer.status, answer.headers) == (200, {"content-length": "2"})
        assert connection.is_usable


async def test_end_of_the_connection_ends_a_body_without_a_length() -> None:
    async with connected([b"HTTP/1.1 200 OK\r\n\r\nall", b" of it"], then="close") as connection:
        assert (await asked(connection)).whole() == b"all of it"
        assert not connection.is_usable


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
async def test_connection_is_not_kept_where_the_server_does_not(head: bytes) -> None:
    async with connected([head]) as connection:
        await asked(connection)
        assert not connection.is_usable


@pytest.mark.parametrize(
    "pieces",
    [[OK + OK], [OK + b"x"], [OK + OK.replace(b"HTTP/1.1", b"nonsense")]],
)
async def test_what_comes_behind_an_answer_spoils_the_connection(pieces: list[bytes]) -> None:
    async with connected(pieces) as connection:
        assert (await asked(connection)).whole() == b"ok"
        assert not connection.is_usable


async def test_what_comes_later_spoils_the_connection() -> None:
    async with connected([OK, OK]) as connection:
        await asked(connection)
        await asyncio.sleep(0.05)
        assert not connection.is_usable


async def test_what_comes_before_any_request_spoils_the_connection() -> None:
    async with connected([], unasked=OK) as connection:
        await asyncio.sleep(0.05)
        assert not connection.is_usable
        with pytest.raises(BrokenOffError, match="the connection broke"):
            await asked(connection)


@pytest.mark.parametrize(
    "bad",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nBroken\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_not_taken(bad: bytes) -> None:
    async with connected([bad]) as connection:
        with pytest.raises(BrokenOffError, match="not HTTP"):
            await asked(connection)
        assert not connection.is_usable


async def test_head_without_an_end_is_not_taken() -> None:
    lines = [b"X-%d: %b\r\n" % (n, b"y" * 1000) for n in range(1 + MOST_HEAD_BYTES // 1000)]
    async with connected([b"HTTP/1.1 200 OK\r\n", b"".join(lines)]) as connection:
        with pytest.raises(BrokenOffError, match="not HTTP"):
            await asked(connection)


async def test_reset_breaks_the_answer_off_and_leaves_what_came() -> None:
    answer = HttpAnswer(10)
    async with connected([OK[:-1]], then="reset") as connection:
        await connection.ask(HEAD, BODY, answer)
        with pytest.raises(BrokenOffError, match=r"broke|early"):
            await connection.rest(answer)
        assert answer.whole() == b"o"


async def test_too_long_an_answer_is_not_read_on() -> None:
    async with connected([OK.replace(b"2", b"9") + b"1234567"]) as connection:
        answer = await asked(connection, limit=3)
        assert (answer.is_too_long, answer.is_complete) == (True, False)
        assert not connection.is_usable


async def test_answer_before_all_was_sent_ends_the_sending() -> None:
    early = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    body = bytes(40 * PIECE_BYTES)
    head = HEAD.replace(b"4\r", b"%d\r" % len(body))
    async with connected([early]) as connection:
        answer = HttpAnswer(10)
        await connection.ask(head, body, answer)
        connection.finish()
        assert (answer.status, answer.is_complete) == (413, True)
        assert not connection.is_usable


async def test_end_of_a_kept_connection_is_noticed() -> None:
    async with connected([OK], then="close") as connection:
        await asked(connection)
        await asyncio.sleep(0.05)
        assert not connection.is_usable
