"""HTTP: one POST a message, the answer in the response.

The bytes are not looked into. Kept out: connections (``http_pool``, ``http_connection``), SOAP
envelopes, authentication beyond TLS, retries.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from typing_extensions import override

from gateway.errors import (
    AddressMovedError,
    AuthorityBusyError,
    AuthorityRefusedError,
    ConfigurationError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
    PeerUntrustedError,
)
from gateway.flow.fault_points import FaultHook, FaultPoint, no_fault
from gateway.messaging.channel import Channel
from gateway.messaging.ports import Clock, Receipt, WireAnswer, WireMessage
from gateway.messaging.streamed import StreamedMessage, StreamingTransport
from gateway.transports.http_answer import BrokenOffError, HttpAnswer
from gateway.transports.http_connection import Chunks
from gateway.transports.http_pool import HttpPool, UnresolvedError

_PORTS = {"http": 80, "https": 443}
_HEADERS = "Accept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: agency-gateway\r\n"


class _TimeLimit:
    """Ends what its task waits for when the time is over, and raises ``TimeoutError`` for it.

    ``asyncio.timeout`` does the same, can be moved while it runs, and costs four times as much.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_over = False

    def __enter__(self) -> None:
        # Inside a coroutine there always is one.
        self._task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._cancelled_before = self._task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._end)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if not self._is_over:
            return
        # Somebody else may have cancelled the task as well: then it stays cancelled.
        is_ours = self._task.uncancel() <= self._cancelled_before
        if is_ours and kind is asyncio.CancelledError:
            raise TimeoutError

    def _end(self) -> None:
        self._is_over = True
        self._task.cancel()


_ACCEPTED = 202
_SUCCESS = range(200, 300)
_BUSY = frozenset({429, 503})
_UNSURE = frozenset({408, *range(500, 600)})
_REDIRECTS = range(300, 400)
_LONGEST_DELAY_DIGITS = 9
# Numbers of OpenSSL (x509_vfy.h), each with our words.
_CERTIFICATE_FAULTS = {
    9: "is not valid yet",
    10: "has expired",
    18: "was issued by itself",
    19: "was issued by an authority that is not trusted",
    20: "was issued by an authority that is not trusted",
    62: "is for another host name",
    64: "is for another IP address",
}
_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "no connection or answer in time"),
    (UnresolvedError, "the host name cannot be resolved"),
    (ssl.SSLError, "no TLS connection can be made"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpLimits:
    """What one HTTP channel tolerates.

    Attributes:
        connect: Longest wait for a connection, TLS included.
        keep_alive: How long an idle connection is kept; shorter than the usual backend's, since
            one that the backend closes while we send leaves the outcome unknown.
        answer_bytes: Longest answer taken.
    """

    connect: timedelta = timedelta(seconds=10)
    keep_alive: timedelta = timedelta(seconds=15)
    answer_bytes: int = 16 * 1024 * 1024


class HttpTransport(StreamingTransport):
    """``StreamingTransport`` over HTTP/1.1 with a pool of kept-alive connections.

    Redirects are not followed, proxies and credentials of the environment not used, answers not
    decompressed. The header ``Message-Id`` lets the authority recognise duplicates.
    """

    def __init__(
        self,
        channel: Channel,
        clock: Clock,
        *,
        limits: HttpLimits = HttpLimits(),
        tls: ssl.SSLContext | None = None,
        hit: FaultHook = no_fault,
    ) -> None:
        """Make a closed transport.

        Args:
            channel: ``address`` is an http or https URL, ``max_in_flight`` the size of the pool.
            clock: Tells how long it is to a deadline.
            limits: What is tolerated.
            tls: Trust anchors and client certificate; None: those of the system. Always verifies.
            hit: Called between sending and reading the answer.
        """
        self._channel = channel
        self._clock = clock
        self._limits = limits
        self._tls = tls
        self._hit = hit
        self._head = b""
        self._pool: HttpPool | None = None

    @override
    async def open(self) -> None:
        address = urlsplit(self._channel.address)
        if address.scheme not in _PORTS or not address.hostname:
            raise ConfigurationError(
                f"The address of channel {self._channel.name} is no http or https URL."
            )
        url = httpx.URL(self._channel.address)  # names in ASCII, the path as it is sent
        line = f"POST {url.raw_path.decode()} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\n"
        self._head = f"{line}{_HEADERS}".encode()
        self._pool = HttpPool(
            url.raw_host.decode(),
            url.port or _PORTS[url.scheme],
            tls=(self._tls or ssl.create_default_context()) if url.scheme == "https" else None,
            most=self._channel.max_in_flight,
            connect_seconds=self._limits.connect.total_seconds(),
            keep_seconds=self._limits.keep_alive.total_seconds(),
        )

    @override
    async def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    @override
    async def exchange_stream(
        self, outgoing: StreamedMessage, *, deadline: datetime
    ) -> WireAnswer | Receipt:
        return await self.exchange(outgoing, deadline=deadline)

    @override
    async def exchange(
        self, outgoing: WireMessage | StreamedMessage, *, deadline: datetime
    ) -> WireAnswer | Receipt:
        seconds = (deadline - self._clock.now()).total_seconds()
        if seconds <= 0 or self._pool is None:
            raise NotSentError("The message was not sent: its time is over, or the channel closed.")
        attempt = _Attempt(HttpAnswer(self._limits.answer_bytes))
        try:
            with _TimeLimit(seconds):
                await self._post(self._pool, outgoing, attempt)
        except BrokenOffError as fault:
            raise attempt.failure(str(fault)) from None
        except ssl.SSLCertVerificationError as error:
            raise _untrusted(error) from None
        except (OSError, UnresolvedError) as error:
            raise attempt.failure(_kind(error)) from None
        return self._meaning(attempt.answer)

    async def _post(
        self, pool: HttpPool, outgoing: WireMessage | StreamedMessage, attempt: "_Attempt"
    ) -> None:
        answer = attempt.answer
        body: bytes | Chunks
        if isinstance(outgoing, StreamedMessage):
            body, size_bytes = outgoing.chunks, outgoing.size_bytes
        else:
            body, size_bytes = outgoing.body, len(outgoing.body)
        head = b"%bMessage-Id: %b\r\n%bContent-Length: %d\r\n\r\n" % (
            self._head,
            outgoing.message_id.encode(),
            _content_type_line(outgoing.content_type),
            size_bytes,
        )
        connection = await pool.take()
        attempt.is_sending = True
        try:
            await connection.ask(head, body, answer)
            self._hit(FaultPoint.DELIVER_AFTER_BYTES_SENT)
            await connection.rest(answer)
        finally:
            pool.give_back(connection)

    def _meaning(self, answer: HttpAnswer) -> WireAnswer | Receipt:
        if answer.status not in _SUCCESS:
            raise self._refusal(answer.status, answer.headers, answer.beginning())
        media_type = answer.headers.get("content-type")
        if answer.is_too_long:
            return WireAnswer(body=answer.beginning(), content_type=media_type, is_whole=False)
        body = answer.whole()
        if answer.status == _ACCEPTED and not body:
            return Receipt()
        return WireAnswer(body=body, content_type=media_type)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> DeliveryError:
        detail = f"The authority's server answered with HTTP status {status}."
        if status in _BUSY:
            wait = retry_after(headers.get("retry-after"), now=self._clock.now())
            return AuthorityBusyError(detail, retry_after=wait, body=body)
        if status in _UNSURE:
            return OutcomeUnknownError(detail, body=body)
        if status in _REDIRECTS:
            moved = f"{detail} It points to another address, which is not followed."
            return AddressMovedError(moved, body=body)
        return AuthorityRefusedError(detail, body=body)


class _Attempt:
    """One exchange: whether any byte may have left, and what came."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.answer = answer
        self.is_sending = False

    def failure(self, kind: str) -> DeliveryError:
        """What it means that the exchange failed."""
        if self.is_sending:
            detail = f"The message was sent, but the answer failed: {kind}."
            return OutcomeUnknownError(detail, body=self.answer.beginning())
        return NotSentError(f"The message was not sent: {kind}.")


@lru_cache(maxsize=100)
def _content_type_line(content_type: str) -> bytes:
    """The header; media types come from adapters, so there are few.

    Raises:
        ValueError: It is no text of one line.
    """
    if not content_type.isprintable():
        raise ValueError("A media type holds something that cannot be printed.")
    return f"Content-Type: {content_type}\r\n".encode()


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """How long a peer asks to wait; zero for a time that is over, None if it says nothing of use.

    Source: RFC 9110 §10.2.3, seconds or an HTTP date.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) <= _LONGEST_DELAY_DIGITS else None
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(at - now, timedelta())


def _untrusted(error: ssl.SSLCertVerificationError) -> PeerUntrustedError:
    fault = _CERTIFICATE_FAULTS.get(error.verify_code, "is not trusted")
    return PeerUntrustedError(f"The message was not sent: the server's certificate {fault}.")


def _kind(error: Exception) -> str:
    """What failed, in our words: the error's own text names hosts and quotes what was received."""
    for classes, kind in _KINDS:
        if isinstance(error, classes):
            return kind
    return "no connection can be made"
