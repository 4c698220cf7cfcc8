"""The HTTP transport against real servers on loopback: each fault, and what it means."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
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
from gateway.simulation import Certificate, make_identity
from gateway.transports.http import (
    HttpLimits,
    HttpTransport,
    _kind,
    _TimeLimit,
    retry_after,
)
from gateway.transports.http_connection import PIECE_BYTES

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
MARKED = "Geheimnis-4711"
LONG = timedelta(seconds=20)
MOMENT = timedelta(milliseconds=50)
LIMITS = HttpLimits()
OUTGOING = WireMessage(
    message_id=MessageId("11111111-2222-4333-8444-555555555555"),
    body=b"<question/>",
    content_type="application/xml",
)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class StandingClock(Clock):
    @override
    def now(self) -> datetime:
        return NOON


@dataclass
class Server:
    """Answers each request with the next of its raw responses, byte by byte as written here."""

    responses: list[bytes | None]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    silent: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await _request(reader):
                self.requests.append(head)
                response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
                if response is None:
                    await self.silent.wait()
                    return
                writer.write(response)
                await writer.drain()
                if b"Connection: close" in response or not response:
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    (length,) = [
        int(s[15:]) for s in head.split(b"\r\n") if s.lower().startswith(b"content-length:")
    ]
    return head + await reader.readexactly(length)


def response(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/service"
    finally:
        server.close()
        if isinstance(handler, Server):
            handler.silent.set()
        await server.wait_closed()


def channel_to(address: str) -> Channel:
    return Channel(name="main", adapter="plain", transport="http", address=address, max_in_flight=2)


@asynccontextmanager
async def open_transport(
    address: str, limits: HttpLimits = LIMITS, hits: list[FaultPoint] | None = None
) -> AsyncIterator[HttpTransport]:
    hit: FaultHook = no_fault if hits is None else hits.append
    transport = HttpTransport(channel_to(address), StandingClock(), limits=limits, hit=hit)
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


async def exchange(
    *responses: bytes | None, wait: timedelta = LONG, limits: HttpLimits = LIMITS
) -> WireAnswer | Receipt:
    async with serving(Server(list(responses))) as url, open_transport(url, limits) as transport:
        return await transport.exchange(OUTGOING, deadline=NOON + wait)


async def failure(
    *responses: bytes | None, wait: timedelta = LONG, limits: HttpLimits = LIMITS
) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await exchange(*responses, wait=wait, limits=limits)
    assert MARKED not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


async def test_answer_comes_back_with_its_media_type() -> None:
    answer = await exchange(response("200 OK", b"<answer/>", "Content-Type: text/xml"))
    assert answer == WireAnswer(body=b"<answer/>", content_type="text/xml")


async def test_answer_in_pieces_of_unknown_length_is_put_together() -> None:
    pieces = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    assert await exchange(pieces) == WireAnswer(body=b"abcde")


async def test_request_carries_body_media_type_and_message_id() -> None:
    server = Server([response("200 OK", b"x")])
    async with serving(server) as url, open_transport(url) as transport:
        await transport.exchange(OUTGOING, deadline=NOON + LONG)
    (request,) = server.requests
    assert request.startswith(b"POST /service HTTP/1.1\r\n")
    assert b"\r\nMessage-Id: 11111111-2222-4333-8444-555555555555\r\n" in request
    assert b"\r\nContent-Type: application/xml\r\n" in request
    assert b"\r\nAccept-Encoding: identity\r\n" in request
    assert request.endswith(b"\r\n\r\n<question/>")


@pytest.mark.parametrize("size", [PIECE_BYTES, PIECE_BYTES + 1, 5_000_001])
async def test_large_request_and_answer_travel_whole(size: int) -> None:
    body = bytes(range(251)) * (size // 251 + 1)
    server = Server([response("200 OK", body[:size])])
    async with serving(server) as url, open_transport(url, HttpLimits()) as transport:
        message = replace(OUTGOING, body=body[:size])
        answer = await transport.exchange(message, deadline=NOON + LONG)
    assert isinstance(answer, WireAnswer)
    assert answer.body == body[:size]
    assert server.requests[0].partition(b"\r\n\r\n")[2] == body[:size]


async def test_connections_are_kept_and_never_more_than_the_channel_allows() -> None:
    server = Server([response("200 OK", b"x")])
    async with serving(server) as url, open_transport(url) as transport:
        for _ in range(3):
            await asyncio.gather(
                *(transport.exchange(OUTGOING, deadline=NOON + LONG) for _ in range(4))
            )
    assert len(server.requests) == 12
    assert server.connections == 2


async def test_empty_acceptance_is_a_receipt() -> None:
    assert await exchange(response("202 Accepted")) == Receipt()
    assert await exchange(response("202 Accepted", b"now")) == WireAnswer(body=b"now")


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_busy_server_took_nothing(status: str) -> None:
    failed = await failure(response(status, MARKED.encode(), "Retry-After: 7"))
    assert isinstance(failed, AuthorityBusyError)
    assert failed.retry_after == timedelta(seconds=7)
    assert failed.body == MARKED.encode()
    assert status[:3] in failed.detail


@pytest.mark.parametrize("status", ["500 Error", "502 Bad Gateway", "504 Late", "408 Late"])
async def test_server_error_leaves_the_outcome_unknown(status: str) -> None:
    failed = await failure(response(status, MARKED.encode()))
    assert isinstance(failed, OutcomeUnknownError)
    assert failed.body == MARKED.encode()


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "413 Too Large"])
async def test_refusal_keeps_the_bytes(status: str) -> None:
    failed = await failure(response(status, MARKED.encode()))
    assert type(failed) is AuthorityRefusedError
    assert failed.body == MARKED.encode()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 There", "308 There"])
async def test_redirect_is_not_followed(status: str) -> None:
    async with serving(Server([response("200 OK", b"x")])) as elsewhere:
        failed = await failure(response(status, MARKED.encode(), f"Location: {elsewhere}"))
    assert isinstance(failed, AddressMovedError)
    assert failed.body == MARKED.encode()
    assert elsewhere not in failed.detail


async def test_refused_connection_sent_nothing() -> None:
    async with serving(Server([b""])) as url:
        pass
    async with open_transport(url) as transport:
        with pytest.raises(NotSentError, match="no connection can be made"):
            await transport.exchange(OUTGOING, deadline=NOON + LONG)


async def test_unknown_host_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unresolved(*_args: object, **_kwargs: object) -> None:
        raise OSError(-2, MARKED)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unresolved)
    async with open_transport("http://nowhere.invalid/") as transport:
        with pytest.raises(NotSentError, match="host name") as caught:
            await transport.exchange(OUTGOING, deadline=NOON + LONG)
    assert MARKED not in str(caught.value)


async def test_untrusted_certificate_sent_nothing(server_tls: ssl.SSLContext) -> None:
    server = Server([response("200 OK", b"x")])
    async with serving(server, server_tls) as url, open_transport(url) as transport:
        with pytest.raises(PeerUntrustedError, match="certificate was issued by"):
            await transport.exchange(OUTGOING, deadline=NOON + LONG)
    assert server.requests == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Certificate.UNKNOWN_CA, "was issued by an authority that is not trusted"),
        (Certificate.SELF_SIGNED, "was issued by"),
        (Certificate.OTHER_NAME, "is for another"),
        (Certificate.EXPIRED, "has expired"),
    ],
)
async def test_it_is_said_what_is_wrong_with_a_certificate(kind: Certificate, text: str) -> None:
    identity = make_identity(kind, datetime.now(UTC))
    trust = ssl.create_default_context(cadata=identity.trust_pem.decode())
    server = Server([response("200 OK", b"x")])
    async with serving(server, identity.context) as url:
        transport = HttpTransport(channel_to(url), StandingClock(), tls=trust)
        await transport.open()
        with pytest.raises(PeerUntrustedError, match=text):
            await transport.exchange(OUTGOING, deadline=NOON + LONG)
        await transport.close()
    assert server.requests == []


async def test_trusted_certificate_is_taken(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async with serving(Server([response("200 OK", b"x")]), server_tls) as url:
        transport = HttpTransport(channel_to(url), StandingClock(), tls=client_tls)
        await transport.open()
        answer = await transport.exchange(OUTGOING, deadline=NOON + LONG)
        await transport.close()
    assert answer == WireAnswer(body=b"x")


async def test_server_without_tls_sent_nothing() -> None:
    async def nonsense(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"this is no TLS\r\n")
        writer.close()

    async with serving(nonsense) as url, open_transport(url.replace("http", "https")) as transport:
        with pytest.raises(NotSentError):
            await transport.exchange(OUTGOING, deadline=NOON + LONG)


async def test_no_connection_in_time_sent_nothing() -> None:
    # A TLS handshake that never ends: the server takes the connection and says nothing.
    limits = HttpLimits(connect=LONG)
    never = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    async with (
        serving(silent) as url,
        open_transport(url.replace("http", "https"), limits) as transport,
    ):
        with pytest.raises(NotSentError, match="in time"):
            await transport.exchange(OUTGOING, deadline=NOON + MOMENT)
        never.set()


async def test_wait_for_a_free_connection_sent_nothing() -> None:
    async with serving(Server([None])) as url, open_transport(url) as transport:
        tasks = [
            asyncio.ensure_future(transport.exchange(OUTGOING, deadline=NOON + MOMENT * (3 - n)))
            for n in range(3)
        ]
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        OutcomeUnknownError,
        OutcomeUnknownError,
        NotSentError,
    ]


async def test_no_answer_in_time_leaves_the_outcome_unknown() -> None:
    assert isinstance(await failure(None, wait=MOMENT), OutcomeUnknownError)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"", id="closed without an answer"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="closed in the head"),
        pytest.param(f"{MARKED}\r\n\r\n".encode(), id="no HTTP"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nabc",
            id="closed in the body",
        ),
    ],
)
async def test_broken_answer_leaves_the_outcome_unknown(broken: bytes) -> None:
    async def breaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _request(reader)
        writer.write(broken)
        writer.close()

    async with serving(breaks) as url, open_transport(url) as transport:
        with pytest.raises(OutcomeUnknownError) as caught:
            await transport.exchange(OUTGOING, deadline=NOON + LONG)
    assert MARKED not in str(caught.value)


async def test_half_an_answer_is_kept() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n" + b"abc"
    failed = await failure(half)
    assert isinstance(failed, OutcomeUnknownError)
    assert failed.body == b"abc"


async def test_what_came_before_the_time_was_over_is_kept() -> None:
    failed = await failure(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", wait=MOMENT * 4)
    assert isinstance(failed, OutcomeUnknownError)
    assert failed.body == b"abc"


async def test_second_response_to_one_request_is_never_taken_for_the_next() -> None:
    server = Server([response("200 OK", b"1") * 2, response("200 OK", b"2")])
    async with serving(server) as url, open_transport(url) as transport:
        first = await transport.exchange(OUTGOING, deadline=NOON + LONG)
        second = await transport.exchange(OUTGOING, deadline=NOON + LONG)
    assert (first, second) == (WireAnswer(body=b"1"), WireAnswer(body=b"2"))
    assert server.connections == 2


async def test_kept_connection_that_the_server_closes_on_use_leaves_the_outcome_unknown() -> None:
    server = Server([response("200 OK", b"x"), b""])
    async with serving(server) as url, open_transport(url) as transport:
        await transport.exchange(OUTGOING, deadline=NOON + LONG)
        with pytest.raises(OutcomeUnknownError):
            await transport.exchange(OUTGOING, deadline=NOON + LONG)
    assert server.connections == 1
    assert len(server.requests) == 2


async def test_too_long_answer_is_not_read_to_its_end_and_its_beginning_is_kept() -> None:
    limits = HttpLimits(answer_bytes=10)
    answer = await exchange(response("200 OK", b"x" * 11), limits=limits)
    assert answer == WireAnswer(body=b"x" * 11, is_whole=False)
    assert await exchange(response("200 OK", b"x" * 10), limits=limits) == WireAnswer(
        body=b"x" * 10
    )


async def test_no_more_is_kept_of_what_is_too_long_than_a_person_looks_at() -> None:
    limits = HttpLimits(answer_bytes=100_000)
    answer = await exchange(response("200 OK", b"x" * 200_000), limits=limits)
    assert answer == WireAnswer(body=b"x" * 65_536, is_whole=False)
    failed = await failure(response("400 Bad Request", b"x" * 200_000), limits=limits)
    assert isinstance(failed, AuthorityRefusedError)
    assert failed.body == b"x" * 65_536


async def test_compressed_answer_stays_as_it_came() -> None:
    packed = response("200 OK", b"\x1f\x8b not really", "Content-Encoding: gzip")
    assert await exchange(packed) == WireAnswer(body=b"\x1f\x8b not really")


async def test_nothing_is_sent_when_the_deadline_is_over_or_the_transport_closed() -> None:
    server = Server([response("200 OK", b"x")])
    async with serving(server) as url:
        async with open_transport(url) as transport:
            with pytest.raises(NotSentError):
                await transport.exchange(OUTGOING, deadline=NOON)
        with pytest.raises(NotSentError):
            await transport.exchange(OUTGOING, deadline=NOON + LONG)
    assert server.requests == []


async def test_closing_ends_running_attempts_with_unknown_outcome() -> None:
    server = Server([None])
    async with serving(server) as url:
        transport = HttpTransport(channel_to(url), StandingClock())
        await transport.open()
        running = asyncio.ensure_future(transport.exchange(OUTGOING, deadline=NOON + LONG))
        while not server.requests:  # noqa: ASYNC110 - the server reads in its own time
            await asyncio.sleep(0.001)
        await transport.close()
        await transport.close()
        with pytest.raises(OutcomeUnknownError):
            await running


async def test_cancelled_attempt_stays_cancelled() -> None:
    server = Server([None])
    async with serving(server) as url, open_transport(url) as transport:
        running = asyncio.ensure_future(transport.exchange(OUTGOING, deadline=NOON + LONG))
        while not server.requests:  # noqa: ASYNC110 - the server reads in its own time
            await asyncio.sleep(0.001)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_time_that_is_over_hides_no_other_cancellation() -> None:
    async def wait(task: "asyncio.Task[None] | None") -> None:
        with _TimeLimit(0):
            if task is not None:
                asyncio.get_running_loop().call_soon(task.cancel)
            await asyncio.sleep(1)

    with pytest.raises(TimeoutError):
        await wait(None)
    cancelled = asyncio.ensure_future(_alone(wait))
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def _alone(wait: Callable[["asyncio.Task[None] | None"], Awaitable[None]]) -> None:
    await wait(asyncio.current_task())


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert await exchange(response("200 OK", b"x")) == WireAnswer(body=b"x")


async def test_fault_point_lies_between_sending_and_reading() -> None:
    hits: list[FaultPoint] = []
    async with (
        serving(Server([response("200 OK", b"x")])) as url,
        open_transport(url, hits=hits) as transport,
    ):
        await transport.exchange(OUTGOING, deadline=NOON + LONG)
    assert hits == [FaultPoint.DELIVER_AFTER_BYTES_SENT]


@pytest.mark.parametrize("address", ["ftp://x/", "nowhere", "http://"])
async def test_address_that_is_no_url_is_a_configuration_fault(address: str) -> None:
    transport = HttpTransport(channel_to(address), StandingClock())
    with pytest.raises(ConfigurationError, match="main"):
        await transport.open()


def test_kind_of_fault_is_said_in_our_words() -> None:
    assert _kind(OSError(MARKED)) == "no connection can be made"
    assert _kind(TimeoutError(MARKED)) == "no connection or answer in time"
    assert _kind(ssl.SSLError(1, MARKED)) == "no TLS connection can be made"


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        (None, None),
        ("", None),
        ("0", timedelta()),
        (" 120 ", timedelta(minutes=2)),
        ("9" * 10, None),
        ("-1", None),
        ("soon", None),
        ("²", None),
        ("Thu, 15 Jan 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Thu, 15 Jan 2026 12:01:00 -0000", timedelta(minutes=1)),
        ("Thu, 15 Jan 2026 11:00:00 GMT", timedelta()),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, wait: timedelta | None) -> None:
    assert retry_after(value, now=NOON) == wait
