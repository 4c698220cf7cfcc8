"""The simulated authority as a plain ASGI app, and a helper that runs it on loopback.

``POST`` on any path asks; ``GET /seen`` says how often each message came, without content.
"""

import asyncio
import contextlib
import json
import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import uvicorn

from gateway.errors import GatewayError
from gateway.messaging.ports import Clock
from gateway.simulation.authority import Authority, Reply, Sighting, load_answers, plain
from gateway.simulation.plan import Plan
from gateway.translation import Exchange

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

DROPPED = "dropped"
"""What the app returns to have the connection closed: any value but None.

ASGI has no message for closing a connection without an answer. uvicorn closes it when an app
returns a value, which a well-behaved one never does.
"""

START_LIMIT_SECONDS = 10.0


class SimulatedAuthority:
    """The ASGI app; counts what it saw while it lives."""

    def __init__(self, authority: Authority, clock: Clock) -> None:
        self._authority = authority
        self._clock = clock
        self._seen: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> str | None:
        """Answer one request; see ``DROPPED`` for the value."""
        if scope["type"] != "http":
            return None
        if scope["method"] == "POST":
            reply = self.ask(await _read(receive))
        else:
            reply = self._show(scope["path"])
        await asyncio.sleep(reply.delay.total_seconds())
        if reply.drops:
            return DROPPED
        await _send(reply, send)
        return None

    def ask(self, data: bytes) -> Reply:
        """Read a wire request, count it, choose the reply."""
        try:
            asked = self._authority.read(data)
        except GatewayError as error:
            return plain(HTTPStatus.BAD_REQUEST, str(error))
        self._seen[asked.message_id] += 1
        sighting = Sighting(
            number=self._seen.total(),
            attempt=self._seen[asked.message_id],
            at=self._clock.now(),
            answer_id=str(uuid.uuid4()),
        )
        try:
            return self._authority.reply(asked, sighting)
        except GatewayError as error:
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def _show(self, path: str) -> Reply:
        if path != "/seen":
            return plain(HTTPStatus.NOT_FOUND, "POST a message, or GET /seen.")
        return Reply(
            status=HTTPStatus.OK,
            body=json.dumps(self._seen).encode(),
            content_type="application/json",
        )


def create_authority(
    exchange: Exchange, plan: Plan, examples: Path, clock: Clock
) -> SimulatedAuthority:
    """Put a simulated authority together.

    Args:
        exchange: Maps of one operation at one adapter.
        plan: Which answer or fault for which request.
        examples: Folder with ``answer-<name>.api.json``.
        clock: Time that answers are written at.

    Raises:
        ConfigurationError: The plan names an answer that is not there.
    """
    answers = load_answers(examples, plan.answers())
    return SimulatedAuthority(Authority(exchange=exchange, plan=plan, answers=answers), clock)


@contextlib.contextmanager
def serve(app: SimulatedAuthority, *, port: int = 0) -> Iterator[str]:
    """Run the app in a thread of its own while the block runs; yields its URL.

    A thread, so that it answers whatever the caller's event loop does, and that neither handles
    the other's signals.

    Args:
        app: What to run.
        port: TCP port on 127.0.0.1; 0 takes a free one.

    Raises:
        TimeoutError: It did not start.
    """
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(
        uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    limit = time.monotonic() + START_LIMIT_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > limit:
            raise TimeoutError("The simulated authority did not start.")
        time.sleep(0.005)


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        event = await receive()
        parts.append(event.get("body", b""))
        if not event.get("more_body", False):
            return b"".join(parts)


async def _send(reply: Reply, send: Send) -> None:
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
