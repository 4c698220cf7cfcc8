"""HTTP that refuses what uvicorn lets through, and says so in a problem document.

Four things: bytes that are no request get a problem document too; path and headers have a longest
length, for uvicorn has none; what follows a chunked body is no header, for a proxy in front checks
headers only; and a wish for another protocol is ignored, where uvicorn would lose the body and take
it for the next request. Kept out: everything else of HTTP, which is uvicorn's.

Source: RFC 9112 §7.1.2 (trailers are not merged into the headers), RFC 6585 §5 (status 431), RFC
9110 §7.8 (a server may ignore Upgrade; Java's own client sends it with each call over plain HTTP).
"""

from http import HTTPStatus
from typing import Any

import httptools
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.api.problems import HEAD_TOO_LARGE, MEDIA_TYPE, REQUEST_MALFORMED, Problem

LONGEST_HEAD_BYTES = 64 * 1024
"""From the request line to the empty line; other servers take 8 to 64 KiB. What comes in one piece
with its end is taken whole, and pieces have 256 KiB at most."""

LONGEST_TARGET_BYTES = 8 * 1024
"""Path and query; RFC 9110 §4.1 asks for 8,000 at least."""

MOST_HEADERS = 200
"""Headers of one request; other servers take 100."""


class NothingKept(list[Any]):
    """Where trailers go."""

    @override
    def append(self, item: Any) -> None:
        """Drop it."""


class StrictProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits."""

    _head_bytes = 0
    """Received of a head whose end is not here yet."""

    _begun: object = None
    """The scope of the request whose head is complete."""

    @override
    def data_received(self, data: bytes) -> None:
        """Take bytes; those of a head up to its longest length."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as pause:
            self._read_again(data[pause.args[0] :])
        except httptools.HttpParserError:
            self.logger.warning("Invalid HTTP request received.")
            self._refuse(REQUEST_MALFORMED)
        if self._begun is self.scope:
            self._head_bytes = 0
            return
        self._head_bytes += len(data)
        if self._head_bytes > LONGEST_HEAD_BYTES:
            self._refuse(HEAD_TOO_LARGE)

    @override
    def on_headers_complete(self) -> None:
        """Begin the request; headers that follow its body are dropped."""
        if len(self.url) > LONGEST_TARGET_BYTES or len(self.headers) > MOST_HEADERS:
            self._refuse(HEAD_TOO_LARGE)
            raise httptools.HttpParserError  # the parser goes no further
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise httptools.HttpParserError
            return  # and `_read_again`: the parser would skip the body
        super().on_headers_complete()
        self._begun = self.scope
        self.headers = NothingKept()

    @override
    def on_message_complete(self) -> None:
        """End the request, if it has begun."""
        if self._begun is self.scope:
            super().on_message_complete()

    def _read_again(self, rest: bytes) -> None:
        """Take a request as if it did not ask for another protocol; ``rest`` follows its head."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (method, self.url, version)]
        for name, value in self.headers:
            if name == b"connection":
                tokens = [token.strip() for token in value.split(b",")]
                value = b", ".join(token for token in tokens if token.lower() != b"upgrade")  # noqa: PLW2901 - what is left of it
            if name != b"upgrade":
                lines.append(name + b": " + value)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's own
        self.data_received(b"\r\n".join([*lines, b"", rest]))

    def _refuse(self, problem: Problem) -> None:
        """Answer and close; only the first time."""
        if self.transport.is_closing():
            return
        body = problem.to_json()
        status = HTTPStatus(problem.status)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"content-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\n"
            "cache-control: no-store\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
