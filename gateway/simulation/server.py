"""The simulated authority on a socket of this machine, in a thread of its own.

``POST`` on any path asks; ``GET /seen`` says how often each message came, without content.
"""

import asyncio
import contextlib
import json
import os
import socket
import ssl
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path

from gateway.errors import ConfigurationError, GatewayError, Place
from gateway.messaging.ports import Clock
from gateway.simulation.authority import (
    Authority,
    Reply,
    Sighting,
    load_answers,
    plain,
    writes_answer,
)
from gateway.simulation.connection import Arrival, Connection
from gateway.simulation.plan import Choice, Plan
from gateway.simulation.sending import reset
from gateway.translation import Exchange

HOST = "127.0.0.1"
START_LIMIT_SECONDS = 10.0
BACKLOG = 1024

Tell = Callable[[str], None]
"""Hears of every request, without content; of one that is refused also where it is wrong."""


def _to_nobody(_line: str) -> None:
    pass


class SimulatedAuthority:
    """Decides about requests and counts what it saw while it lives."""

    def __init__(self, authority: Authority, clock: Clock, tell: Tell = _to_nobody) -> None:
        self._authority = authority
        self._clock = clock
        self._tell = tell
        self._seen: Counter[str] = Counter()
        self._used: Counter[int] = Counter()
        self._begun = 0
        self._answers = 0

    @property
    def plan(self) -> Plan:
        """What it decides by."""
        return self._authority.plan

    def seen(self) -> dict[str, int]:
        """How often each message came, by message id; those that were never read are not in it."""
        return dict(self._seen)

    def begin(self) -> Arrival:
        """See ``Application``."""
        self._begun += 1
        choice = self.plan.choose_blind(number=self._begun, used=self._used)
        if choice is not None:
            self._note(choice, f"Request {self._begun}")
        return Arrival(number=self._begun, blind=None if choice is None else choice.effect)

    def ask(self, data: bytes, *, number: int | None = None) -> Reply:
        """Read a wire request, count it, choose the reply.

        Args:
            data: The request.
            number: Of the request, from ``begin``; None: the next one.
        """
        number = self.begin().number if number is None else number
        try:
            asked = self._authority.read(data)
        except GatewayError as error:
            self._tell(f"Request {number}: refused. {error}")
            return plain(HTTPStatus.BAD_REQUEST, str(error))
        self._seen[asked.message_id] += 1
        attempt = self._seen[asked.message_id]
        sighting = Sighting(
            number=number,
            attempt=attempt,
            at=self._clock.now(),
            answer_id=str(uuid.uuid4()),
            answers=self._answers,
        )
        choice = self.plan.choose(asked.document, number=number, attempt=attempt, used=self._used)
        self._note(choice, f"Request {number}, message {asked.message_id}, attempt {attempt}")
        self._answers += writes_answer(choice.effect)
        try:
            return self._authority.reply(asked, sighting, choice.effect)
        except GatewayError as error:
            self._tell(f"Request {number}: its answer cannot be written. {error}")
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def show(self, path: str) -> Reply:
        """See ``Application``."""
        if path != "/seen":
            return plain(HTTPStatus.NOT_FOUND, "POST a message, or GET /seen.")
        return Reply(
            status=HTTPStatus.OK,
            body=json.dumps(self.seen()).encode(),
            content_type="application/json",
        )

    def _note(self, choice: Choice, request: str) -> None:
        if choice.rule is not None:
            self._used[choice.rule] += 1
        effect = choice.effect
        done = f"status {effect.status}" if effect.status else effect.fault or effect.answer
        self._tell(f"{request}: {done}")


def create_authority(
    exchange: Exchange, plan: Plan, examples: Path, clock: Clock, *, tell: Tell = _to_nobody
) -> SimulatedAuthority:
    """Put a simulated authority together.

    Args:
        exchange: Maps of one operation at one adapter.
        plan: Which answer or fault for which request.
        examples: Folder with ``answer-<name>.api.json``.
        clock: Time that answers are written at.
        tell: Hears of every request.

    Raises:
        ConfigurationError: The plan names an answer that is not there.
    """
    answers = load_answers(examples, plan.answers())
    authority = Authority(exchange=exchange, plan=plan, answers=answers)
    return SimulatedAuthority(authority, clock, tell)


@contextlib.contextmanager
def serve(
    app: SimulatedAuthority, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Run the authority in a thread of its own while the block runs; yields its URL.

    A thread, so that it answers whatever the caller's event loop does, and that neither handles
    the other's signals.

    Args:
        app: What to run.
        port: TCP port on 127.0.0.1; 0 takes a free one.
        tls: Its certificate and key; None: plain HTTP.

    Raises:
        ConfigurationError: The port is taken.
        TimeoutError: It did not start.
    """
    with contextlib.closing(_claim(port)) as holder:
        server = _Server(app, holder.getsockname()[1], tls)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            if not server.ready.wait(START_LIMIT_SECONDS):
                raise TimeoutError("The simulated authority did not start.")
            yield f"{'https' if tls else 'http'}://{HOST}:{server.port}"
        finally:
            server.stop()
            thread.join()


class _Server:
    """Listens, or refuses to; lives in one event loop."""

    def __init__(self, app: SimulatedAuthority, port: int, tls: ssl.SSLContext | None) -> None:
        self.port = port
        self.ready = threading.Event()
        self._app = app
        self._tls = tls
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()

    def run(self) -> None:
        """Serve until ``stop`` is called from another thread."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._live())

    def stop(self) -> None:
        """End it, from another thread; connections still open are cut off."""
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._ended.set)

    async def _live(self) -> None:
        closed_for = self._app.plan.opens_after.total_seconds()
        if closed_for:
            self.ready.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), closed_for)
        if self._ended.is_set():
            return
        async with asyncio.TaskGroup() as group:
            await self._listen(group)
            self.ready.set()
            await self._ended.wait()
            self._close()
            for talk in self._open:
                talk.cancel()

    async def _listen(self, group: asyncio.TaskGroup) -> None:
        # Our own tasks: those that asyncio makes of a coroutine complain when they are cancelled.
        def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = group.create_task(self._talk(group, reader, writer))
            self._open[talk] = writer
            talk.add_done_callback(self._open.pop)

        listener = _bound(self.port)
        self._server = await asyncio.start_server(
            greet, sock=listener, ssl=self._tls, backlog=BACKLOG
        )

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open.values():
            reset(writer)

    async def _go_away(self, group: asyncio.TaskGroup, lasts: timedelta) -> None:
        if self._server is None:
            return  # another request made it go already
        self._close()
        await asyncio.sleep(lasts.total_seconds())
        await self._listen(group)

    async def _talk(
        self,
        group: asyncio.TaskGroup,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        try:
            go_away = partial(self._go_away, group)
            await Connection(self._app, reader, writer, go_away).run()
        except OSError:
            pass  # the client has gone, or was sent away
        finally:
            writer.close()


def _claim(port: int) -> socket.socket:
    """Hold a port that nobody uses, without listening: until somebody does, it refuses."""
    try:
        with socket.create_server((HOST, port)) as probe:
            number = probe.getsockname()[1]
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unknown"
        raise ConfigurationError(
            f"The simulated authority cannot listen at {HOST} port {port}: {reason}.",
            places=[Place(keyword="listen", detail=reason, rule="--port")],
        ) from None
    return _bound(number)


def _bound(port: int) -> socket.socket:
    """A socket on the port that shares it with the one that holds it."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # What is left of its connections has the same options: without the first, a server that was
    # killed could not start again for a minute. Windows has no second.
    for option in (socket.SO_REUSEADDR, getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR)):
        bound.setsockopt(socket.SOL_SOCKET, option, 1)
    bound.bind((HOST, port))
    return bound
