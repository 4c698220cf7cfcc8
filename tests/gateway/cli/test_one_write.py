"""Answers leave in one piece and whole, whatever their size."""

import asyncio
from typing import cast

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from gateway.cli.one_write import LARGEST_JOINED, JoiningTransport, OneWriteProtocol


class Noting:
    """Notes what is done with it, in order."""

    def __init__(self) -> None:
        self.done: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def close(self) -> None:
        self.done.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.done


@pytest.fixture
def noting() -> Noting:
    return Noting()


@pytest.fixture
async def joining(noting: Noting) -> JoiningTransport:
    return JoiningTransport(cast("asyncio.Transport", noting), asyncio.get_running_loop())


async def test_what_is_written_in_one_turn_leaves_together(
    joining: JoiningTransport, noting: Noting
) -> None:
    joining.write(b"head ")
    joining.write(b"body")
    assert noting.done == []
    await asyncio.sleep(0)
    joining.write(b"next")
    await asyncio.sleep(0)
    assert noting.done == [b"head body", b"next"]


async def test_closing_writes_first_and_nothing_follows(
    joining: JoiningTransport, noting: Noting
) -> None:
    joining.write(b"last")
    joining.close()
    await asyncio.sleep(0)
    assert noting.done == [b"last", "closed"]
    assert joining.is_closing()


async def test_a_large_piece_does_not_wait(joining: JoiningTransport, noting: Noting) -> None:
    joining.write(b"head ")
    joining.write(bytes(LARGEST_JOINED))
    assert noting.done == [b"head ", bytes(LARGEST_JOINED)]
    await asyncio.sleep(0)
    assert len(noting.done) == 2


@pytest.mark.parametrize("size", [0, 100, 3 * LARGEST_JOINED])
async def test_the_server_answers_whole(size: int) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        length = str(size).encode()
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-length", length), (b"connection", b"close")],
            }
        )
        await send({"type": "http.response.body", "body": bytes(size)})

    config = uvicorn.Config(app, lifespan="off", log_config=None, port=0, http=OneWriteProtocol)
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as group:
        # Not `serve`, which takes over the signals of the process.
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await group.create_task(reader.read())
        writer.close()
        await writer.wait_closed()
        server.should_exit = True
        await server.shutdown()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == bytes(size)
