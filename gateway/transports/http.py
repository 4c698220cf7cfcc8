"""HTTP: one POST a message, the answer in the response.

The bytes are not looked into. Kept out: SOAP envelopes, authentication beyond TLS, retries.

aiohttp is used directly. httpx over aiohttp needs more than twice the processor time a call, and it
reports a connection that was lost after sending as a connect time-out: a submission would look as
if it had never left, and be sent twice.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload, Payload
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
from gateway.messaging.message import MessageId
from gateway.messaging.ports import Clock, Receipt, WireAnswer, WireMessage
from gateway.messaging.streamed import StreamedMessage, StreamingTransport
from gateway.transports.http_stream import StreamedBody


class _Body(BytesPayload):
    """The bytes of one message; knows whether any of them, or of the head, may have left.

    The head waits for the body and leaves with it. aiohttp's own tracing tells the same, and costs
    a fifth of the call. A large body is handed over in pieces: as a whole it is copied twice, and
    the event loop stands still meanwhile.
    """

    sending = False

    def __init__(self, body: bytes, *, content_type: str) -> None:
        # Not the nearer one: it warns that a large body goes out in one piece, which it does not.
        Payload.__init__(self, body, content_type=content_type)
        self._size = len(body)

    @override
    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self.sending = True
        if len(self._value) <= _PIECE_BYTES:
            await super().write_with_length(writer, content_length)
            return
        body = memoryview(self._value)
        for start in range(0, len(body), _PIECE_BYTES):
            await writer.write(body[start : start + _PIECE_BYTES])


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


_PIECE_BYTES = 256 * 1024
_ACCEPTED = 202
_SUCCESS = range(200, 300)
_BUSY = frozenset({429, 503})
_UNSURE = frozenset({408, *range(500, 600)})
_REDIRECTS = range(300, 400)
_LONGEST_DELAY_DIGITS = 9
_KEPT_BYTES = 64 * 1024
"""How much is kept of what is too long, or no answer: enough for a person to see what it is."""

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
    (aiohttp.ClientConnectorDNSError, "the host name cannot be resolved"),
    (aiohttp.ClientSSLError, "no TLS connection can be made"),
    (aiohttp.ClientConnectorError, "no connection can be made"),
    (aiohttp.ServerDisconnectedError, "the server closed the connection"),
    (aiohttp.ClientOSError, "the connection broke"),
    (aiohttp.ClientPayloadError, "the answer ended too early"),
    (aiohttp.ClientResponseError, "the answer is not HTTP"),
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
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=limits.connect.total_seconds()
        )
        self._session: aiohttp.ClientSession | None = None

    @override
    async def open(self) -> None:
        address = urlsplit(self._channel.address)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ConfigurationError(
                f"The address of channel {self._channel.name} is no http or https URL."
            )
        connector = aiohttp.TCPConnector(
            limit=self._channel.max_in_flight,
            keepalive_timeout=self._limits.keep_alive.total_seconds(),
            ssl=self._tls or True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity", "User-Agent": "agency-gateway"},
            auto_decompress=False,
            trust_env=False,
            timeout=self._timeout,
        )

    @override
    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @override
    async def exchange(self, outgoing: WireMessage, *, deadline: datetime) -> WireAnswer | Receipt:
        sent = _Body(outgoing.body, content_type=outgoing.content_type)
        return await self._exchange(outgoing.message_id, sent, deadline)

    @override
    async def exchange_stream(
        self, outgoing: StreamedMessage, *, deadline: datetime
    ) -> WireAnswer | Receipt:
        return await self._exchange(outgoing.message_id, StreamedBody(outgoing), deadline)

    async def _exchange(
        self, message_id: MessageId, sent: _Body | StreamedBody, deadline: datetime
    ) -> WireAnswer | Receipt:
        seconds = (deadline - self._clock.now()).total_seconds()
        if seconds <= 0 or self._session is None:
            raise NotSentError("The message was not sent: its time is over, or the channel closed.")
        came = _Arrived(self._limits.answer_bytes)
        try:
            with _TimeLimit(seconds):
                return await self._post(self._session, message_id, sent, came)
        except TimeoutError:
            raise _failure(sent, came, "no connection or answer in time") from None
        except aiohttp.ClientConnectorCertificateError as error:
            raise _untrusted(error) from None
        except (aiohttp.ClientError, OSError) as error:
            raise _failure(sent, came, _kind(error)) from None

    async def _post(
        self,
        session: aiohttp.ClientSession,
        message_id: MessageId,
        sent: _Body | StreamedBody,
        came: "_Arrived",
    ) -> WireAnswer | Receipt:
        headers = {"Message-Id": message_id}
        async with session.post(
            self._channel.address, data=sent, headers=headers, allow_redirects=False
        ) as response:
            self._hit(FaultPoint.DELIVER_AFTER_BYTES_SENT)
            await came.read(response.content)
            if response.status not in _SUCCESS:
                raise self._refusal(response.status, response.headers, came.beginning())
            media_type = response.headers.get("Content-Type")
            if came.is_too_long:
                # Leaving the block before the end closes the connection: the rest is not read.
                return WireAnswer(body=came.beginning(), content_type=media_type, is_whole=False)
            body = came.whole()
            if response.status == _ACCEPTED and not body:
                return Receipt()
            return WireAnswer(body=body, content_type=media_type)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> DeliveryError:
        detail = f"The authority's server answered with HTTP status {status}."
        if status in _BUSY:
            wait = retry_after(headers.get("Retry-After"), now=self._clock.now())
            return AuthorityBusyError(detail, retry_after=wait, body=body)
        if status in _UNSURE:
            return OutcomeUnknownError(detail, body=body)
        if status in _REDIRECTS:
            moved = f"{detail} It points to another address, which is not followed."
            return AddressMovedError(moved, body=body)
        return AuthorityRefusedError(detail, body=body)


class _Arrived:
    """The body of a response, as far as it came: also after a failure in the middle."""

    def __init__(self, limit: int) -> None:
        self.is_too_long = False
        self._limit = limit
        self._chunks: list[bytes] = []

    async def read(self, content: aiohttp.StreamReader) -> None:
        """Read to the end, or until it is too long."""
        size = 0
        while chunk := await content.readany():
            self._chunks.append(chunk)
            size += len(chunk)
            if size > self._limit:
                self.is_too_long = True
                return

    def whole(self) -> bytes:
        """Everything that came."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def beginning(self) -> bytes:
        """What is kept of it where it is no answer."""
        return self.whole()[:_KEPT_BYTES]


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


def _failure(sent: _Body | StreamedBody, came: _Arrived, kind: str) -> DeliveryError:
    if sent.sending:
        detail = f"The message was sent, but the answer failed: {kind}."
        return OutcomeUnknownError(detail, body=came.beginning())
    return NotSentError(f"The message was not sent: {kind}.")


def _untrusted(error: aiohttp.ClientConnectorCertificateError) -> PeerUntrustedError:
    code = getattr(error.certificate_error, "verify_code", None)
    fault = _CERTIFICATE_FAULTS.get(code or 0, "is not trusted")
    return PeerUntrustedError(f"The message was not sent: the server's certificate {fault}.")


def _kind(error: Exception) -> str:
    """What failed, in our words: the error's own text names hosts and quotes what was received."""
    for classes, kind in _KINDS:
        if isinstance(error, classes):
            return kind
    return "the connection failed"
