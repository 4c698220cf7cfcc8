"""How connections are shared, kept and given up, against a real server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.transports.http_answer import BrokenOffError, HttpAnswer
from gateway.transports.http_pool import HttpPool, UnresolvedError

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Server:
    """Answers every request; counts connections that were opened and that are open."""

    def __init__(self) -> None:
        self.opened = 0
        self.open = 0
        self.answers = True

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self.open += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                if self.answers:
                    writer.write(OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def pool_to(server: Server, **changes: Any) -> AsyncIterator[HttpPool]:
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    settings: dict[str, Any] = {"tls": None, "most": 2, "connect_seconds": 5, "keep_seconds": 5}
    pool = HttpPool("127.0.0.1", port, **{**settings, **changes})
    try:
        yield pool
    finally:
        await pool.close()
        listening.close()
        await listening.wait_closed()
        await settled(server, 0)


async def settled(server: Server, number: int) -> None:
    """Wait until the server has so many connections."""
    async with asyncio.timeout(2):
        while server.open != number:  # noqa: ASYNC110 - the server has no event
            await asyncio.sleep(0.005)


async def ask(pool: HttpPool) -> HttpAnswer:
    connection = await pool.take()
    answer = HttpAnswer(10)
    try:
        await connection.ask(HEAD, b"", answer)
        await connection.rest(answer)
    finally:
        pool.give_back(connection)
    return answer


async def test_connection_that_was_used_last_is_used_next() -> None:
    async with pool_to(server := Server()) as pool:
        for _ in range(3):
            assert (await ask(pool)).is_complete
        assert server.opened == 1


async def test_there_are_never_more_connections_than_allowed() -> None:
    async with pool_to(server := Server()) as pool:
        await asyncio.gather(*(ask(pool) for _ in range(7)))
        assert server.opened == 2


async def test_idle_connection_is_closed_after_a_while() -> None:
    async with pool_to(server := Server(), keep_seconds=0.05) as pool:
        await ask(pool)
        await settled(server, 0)
        await ask(pool)
        assert server.opened == 2


async def test_connection_that_is_used_again_and_again_stays() -> None:
    async with pool_to(server := Server(), keep_seconds=0.1) as pool:
        for _ in range(8):
            await ask(pool)
            await asyncio.sleep(0.03)
        assert server.opened == 1


async def test_old_connection_is_not_used_even_if_it_was_not_closed_yet() -> None:
    async with pool_to(server := Server(), keep_seconds=0.05) as pool:
        await ask(pool)
        pool._idle[0].idle_since -= 1
        await ask(pool)
        assert server.opened == 2


async def test_failed_connection_makes_room_for_the_next() -> None:
    async with pool_to(Server(), most=1) as pool:
        port, pool._port = pool._port, 1
        with pytest.raises(ConnectionRefusedError):
            await pool.take()
        pool._port, pool._resolved = port, None
        assert (await ask(pool)).is_complete


async def test_waiting_for_room_can_be_given_up() -> None:
    async with pool_to(Server(), most=1) as pool:
        connection = await pool.take()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await pool.take()
        pool.give_back(connection)
        assert (await ask(pool)).is_complete


async def test_closing_breaks_off_what_is_under_way() -> None:
    server = Server()
    server.answers = False
    async with pool_to(server) as pool:
        running = asyncio.ensure_future(ask(pool))
        await settled(server, 1)
        await pool.close()
        with pytest.raises(BrokenOffError):
            await running
        with pytest.raises(ConnectionAbortedError):
            await pool.take()


async def test_name_is_looked_up_once_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    asked: list[object] = []
    look_up = loop.getaddrinfo

    async def counted(*args: Any, **kwargs: Any) -> Any:
        asked.append(args)
        return await look_up(*args, **kwargs)

    monkeypatch.setattr(loop, "getaddrinfo", counted)
    async with pool_to(Server()) as pool:
        await asyncio.gather(ask(pool), ask(pool))
        pool._close_old()
        await ask(pool)
    assert len(asked) <= 2


async def test_unknown_name_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unresolved(*_args: object, **_kwargs: object) -> None:
        raise OSError(-2, "secret")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unresolved)
    async with pool_to(Server()) as pool:
        with pytest.raises(UnresolvedError) as caught:
            await pool.take()
    assert "secret" not in str(caught.value)
