"""One HTTP connection of the simulated authority: read requests, have them answered, one by one.

HTTP is read by h11; it is written by ``sending``, which has to be able to do it wrongly.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

import h11

from gateway.simulation.authority import Reply, plain
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect
from gateway.simulation.sending import reset, send

_READ_BYTES = 65_536
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_UNREADABLE = plain(HTTPStatus.BAD_REQUEST, "This is no HTTP request.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A request that has begun; ``blind`` is what happens before it is read, if anything."""

    number: int
    blind: Effect | None = None


class Application(Protocol):
    """Decides about requests; holds the counters."""

    def begin(self) -> Arrival:
        """Count a request whose head has come."""
        ...

    def ask(self, data: bytes, *, number: int | None = None) -> Reply:
        """Decide about a request that was read."""
        ...

    def show(self, path: str) -> Reply:
        """Answer a request that asks nothing of the authority."""
        ...


GoAway = Callable[[timedelta], Awaitable[None]]
"""Ends all connections and refuses new ones for so long."""


class Connection:
    """Serves one connection until either side ends it."""

    def __init__(
        self,
        app: Application,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        go_away: GoAway,
    ) -> None:
        self._app = app
        self._reader = reader
        self._writer = writer
        self._go_away = go_away
        self._unread = b""

    async def run(self) -> None:
        """Answer request after request; returns when the connection is to be closed."""
        try:
            while await self._answer_next():
                pass
        except h11.RemoteProtocolError:
            await send(_UNREADABLE, self._writer, keeps=False)

    async def _answer_next(self) -> bool:
        """Answer one request; returns whether another one may come."""
        # A state machine for each request: its own half of the talk is written past it.
        http = h11.Connection(h11.SERVER)
        if self._unread:
            http.receive_data(self._unread)
        head = await self._next(http)
        if not isinstance(head, h11.Request):
            return False
        if head.method != b"POST":
            await self._body(http)
            reply = self._app.show(head.target.decode("ascii"))
        else:
            arrival = self._app.begin()
            if arrival.blind is not None:
                await self._turn_away(http, head, arrival.blind)
                return False
            reply = self._app.ask(await self._body(http), number=arrival.number)
        await asyncio.sleep(reply.effect.delay.total_seconds())
        self._unread = http.trailing_data[0]
        goes_on = await send(reply, self._writer, keeps=http.their_state is h11.DONE)
        if reply.effect.fault is Fault.AWAY:
            await self._go_away(reply.effect.lasts)
        return goes_on

    async def _turn_away(self, http: h11.Connection, head: h11.Request, effect: Effect) -> None:
        await asyncio.sleep(effect.delay.total_seconds())
        if effect.fault is Fault.RESET_HALFWAY:
            await self._body(http, most=_length(head) // 2)
        reset(self._writer)

    async def _body(self, http: h11.Connection, most: int | None = None) -> bytes:
        """The body; only its beginning where no more than that is to be read."""
        body = bytearray()
        if http.they_are_waiting_for_100_continue:
            self._writer.write(_CONTINUE)
        while isinstance(event := await self._next(http), h11.Data):
            body += event.data
            if most is not None and len(body) >= most:
                break
        return bytes(body)

    async def _next(self, http: h11.Connection) -> object:
        """The next event of the request."""
        while (event := http.next_event()) is h11.NEED_DATA:
            http.receive_data(await self._reader.read(_READ_BYTES))
        return event


def _length(head: h11.Request) -> int:
    return next((int(value) for name, value in head.headers if name == b"content-length"), 0)
