"""An authority that takes deposits of any length as they come, and remembers what they were.

Real HTTP on a port of this machine; run as a module it is a process of its own. The faults that a
test wants are told to ``/plan``: statuses to answer the next deposits with.
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

_ID = re.compile(rb"<d:id>([0-9a-f-]{36})</d:id>")
_HEAD_BYTES = 1_000
_START, _END = b"<d:content>", b"</d:content>"
_RECEIPT = (
    '<d:receipt xmlns:d="urn:agency-gateway:tests:deposit"><d:id>{}</d:id>'
    "<d:inReplyTo>{}</d:inReplyTo></d:receipt>"
)


@dataclass
class Deposit:
    """One request as it came."""

    message_id: str = ""
    announced: int | None = None
    size: int = 0
    sha256: list[str] = field(default_factory=list)
    whole: bool = False


class Contents:
    """Finds the contents in a deposit and hashes what their base64 stands for, chunk by chunk."""

    def __init__(self) -> None:
        self.head = b""
        self.sha256: list[str] = []
        self._rest = b""
        self._hash: Any = None

    def feed(self, chunk: bytes) -> None:
        if len(self.head) < _HEAD_BYTES:
            self.head += chunk[:_HEAD_BYTES]
        self._rest += chunk
        while self._step():
            pass

    def _step(self) -> bool:
        if self._hash is None:
            _, found, rest = self._rest.partition(_START)
            if not found:
                self._rest = self._rest[-len(_START) :]
                return False
            self._hash, self._rest = hashlib.sha256(), rest
            return True
        text, found, rest = self._rest.partition(b"<")
        usable = len(text) // 4 * 4
        self._hash.update(base64.b64decode(text[:usable], validate=True))
        self._rest = text[usable:] + found + rest
        if not found or len(self._rest) < len(_END):
            return False
        assert self._rest.startswith(_END)
        self.sha256.append(self._hash.hexdigest())
        self._hash = None
        return True


class DepositAuthority:
    """Takes deposits; used from its own thread's event loop, looked at from others."""

    def __init__(self) -> None:
        self.seen: list[Deposit] = []
        self.statuses: list[int] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/", self.take)
        app.router.add_post("/plan", self.plan)
        app.router.add_get("/seen", self.show)
        return app

    async def take(self, request: web.Request) -> web.Response:
        deposit = Deposit(announced=request.content_length)
        self.seen.append(deposit)
        contents = Contents()
        async for chunk in request.content.iter_any():
            deposit.size += len(chunk)
            contents.feed(chunk)
        found = _ID.search(contents.head)
        assert found is not None
        deposit.message_id, deposit.sha256 = found[1].decode(), contents.sha256
        deposit.whole = True
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        receipt = _RECEIPT.format(uuid4(), deposit.message_id)
        return web.Response(text=receipt, content_type="application/xml")

    async def plan(self, request: web.Request) -> web.Response:
        self.statuses += await request.json()
        return web.Response()

    async def show(self, _request: web.Request) -> web.Response:
        return web.json_response([asdict(deposit) for deposit in self.seen])


@contextlib.contextmanager
def serving(authority: DepositAuthority) -> Iterator[str]:
    """Serve in a thread while the block runs; yields its URL."""
    loop = asyncio.new_event_loop()
    started: list[int] = []
    ready, ended = threading.Event(), asyncio.Event()

    async def live() -> None:
        runner = web.AppRunner(authority.app(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        started.append(runner.addresses[0][1])
        ready.set()
        await ended.wait()
        await runner.cleanup()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(live())

    thread = threading.Thread(target=run, name="deposits")
    thread.start()
    try:
        assert ready.wait(10)
        yield f"http://127.0.0.1:{started[0]}/"
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    web.run_app(
        DepositAuthority().app(),
        host="127.0.0.1",
        port=parser.parse_args().port,
        print=None,
        access_log=None,
    )
