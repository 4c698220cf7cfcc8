"""The yardstick: a plain ASGI app that forwards the body unchanged and returns the answer's bytes.

No parsing, no checks, no store. One uvicorn process (uvloop, httptools) and an aiohttp client with
at most 128 connections: what Python costs when it does nothing but pass bytes on.
"""

import argparse
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import aiohttp
import uvicorn

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CONNECTIONS = 128


class Bare:
    """The ASGI app; the client lives from start-up to shut-down."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._client: aiohttp.ClientSession | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and self._client is not None:
            answer = await self._ask(self._client, await _read(receive))
            head = [
                (b"content-type", b"application/xml"),
                (b"content-length", str(len(answer)).encode()),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(connector=connector) as self._client:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _ask(self, client: aiohttp.ClientSession, body: bytes) -> bytes:
        if not self._backend:
            return body
        async with client.post(self._backend, data=body) as response:
            return await response.read()


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        event = await receive()
        parts.append(event.get("body", b""))
        if not event.get("more_body", False):
            return b"".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--backend", default="", help="without: the body is the answer")
    given = parser.parse_args()
    uvicorn.run(
        Bare(given.backend),
        host="127.0.0.1",
        port=given.port,
        loop="uvloop",
        http="httptools",
        log_level="critical",
        access_log=False,
    )


if __name__ == "__main__":
    main()
