"""Connections to one address: opened when needed, kept for a while, never more than allowed.

Kept out: what is sent over them (``http_connection``) and what a failure means (``http``).
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import Any

from aiohappyeyeballs import start_connection

from gateway.transports.http_connection import HttpConnection

FALLBACK_SECONDS = 0.25
"""After so long the next address of a host is tried beside the one before: RFC 8305 §8."""

RESOLVED_SECONDS = 10.0
"""How long the addresses of a host are used again: a backend that closes every connection would
have its name looked up for each message."""

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


class UnresolvedError(Exception):
    """The name of the host has no address, or nobody can be asked for it."""


class HttpPool:
    """Connections to one host and port; used from one event loop only."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None,
        most: int,
        connect_seconds: float,
        keep_seconds: float,
    ) -> None:
        """Make an empty pool.

        Args:
            host: Name or address, as in a URL; a name is in ASCII.
            port: TCP port.
            tls: How to encrypt and whom to trust; None: plain.
            most: Connections at a time; who needs more waits.
            connect_seconds: Longest wait for a connection, TLS included.
            keep_seconds: How long an idle one is kept.
        """
        self._host = host
        self._port = port
        self._tls = tls
        self._connect_seconds = connect_seconds
        self._keep_seconds = keep_seconds
        self._room = asyncio.Semaphore(most)
        self._loop = asyncio.get_running_loop()
        self._idle: list[HttpConnection] = []
        self._busy: set[HttpConnection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._resolved: tuple[float, Sequence[AddressInfo]] | None = None
        self._is_closed = False

    async def take(self) -> HttpConnection:
        """A connection for one request; ``give_back`` must follow.

        Raises:
            UnresolvedError: The host name cannot be resolved.
            ssl.SSLError: No TLS, or a certificate that is not trusted.
            OSError: No connection; ``TimeoutError``: not in time. Also when the pool is closed.
        """
        await self._room.acquire()
        try:
            connection = self._kept() or await self._connect()
        except BaseException:
            self._room.release()
            raise
        self._busy.add(connection)
        return connection

    def give_back(self, connection: HttpConnection) -> None:
        """Keep a connection for the next request, if it can carry one."""
        connection.finish()
        self._busy.discard(connection)
        self._room.release()
        if connection.is_usable:
            connection.idle_since = self._loop.time()
            self._idle.append(connection)
            if self._sweep is None:
                self._sweep = self._loop.call_later(self._keep_seconds, self._close_old)

    async def close(self) -> None:
        """Close every connection; requests under way fail, those that wait get none."""
        self._is_closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in (*self._idle, *self._busy):
            connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # the loop closes the sockets in its next turn

    def _kept(self) -> HttpConnection | None:
        """The connection that was used last, so that those beyond need can grow old."""
        oldest = self._loop.time() - self._keep_seconds
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> HttpConnection:
        async with asyncio.timeout(self._connect_seconds):
            sock = await start_connection(
                await self._addresses(),
                happy_eyeballs_delay=FALLBACK_SECONDS,
                interleave=1,
                loop=self._loop,
            )
            try:
                _, connection = await self._loop.create_connection(
                    HttpConnection,
                    sock=sock,
                    ssl=self._tls,
                    server_hostname=self._host if self._tls is not None else None,
                )
            except BaseException:
                sock.close()
                raise
        if self._is_closed:
            connection.abort()
            raise ConnectionAbortedError
        return connection

    async def _addresses(self) -> Sequence[AddressInfo]:
        now = self._loop.time()
        if self._resolved is not None and now - self._resolved[0] < RESOLVED_SECONDS:
            return self._resolved[1]
        try:
            found = await self._loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise UnresolvedError from None
        self._resolved = now, found
        return found

    def _close_old(self) -> None:
        """Close what nobody used for too long; come back while there is something to close."""
        oldest = self._loop.time() - self._keep_seconds
        kept = [connection for connection in self._idle if connection.idle_since > oldest]
        for connection in self._idle:
            if connection.idle_since <= oldest:
                connection.abort()
        self._idle = [connection for connection in kept if connection.is_usable]
        self._sweep = None
        if self._idle:
            wait = self._idle[0].idle_since - oldest
            self._sweep = self._loop.call_later(wait, self._close_old)
