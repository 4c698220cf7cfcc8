"""What is no HTTP request, or could be read as two, is refused before it reaches an operation.

A proxy in front of the gateway and the gateway itself must see the same requests: whatever leaves
two readings open is answered once, and the connection is closed.

Source: RFC 9112 §6.3 (length of a message), §5 (header lines); RFC 9110 §6.5.1 (trailers).
"""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.bad_house import SEARCH_PATH, BadHouse, bad_house
from tests.scenarios.marked import MARK, body_of, everything_logged, marked_search

LONGEST_WAIT_SECONDS = 10
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
SMUGGLED = b"GET /v1/messages HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BadHouse]:
    with bad_house(tmp_path_factory.mktemp("http")) as running:
        yield running


def exchange(house: BadHouse, request: bytes) -> bytes:
    """Send bytes, say no more, and read until the gateway closes."""
    address = ("127.0.0.1", house.live.port)
    with socket.create_connection(address, timeout=LONGEST_WAIT_SECONDS) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


def post(*headers: bytes, body: bytes = b"", line: bytes = b"", host: bytes = b"Host: x") -> bytes:
    """A call with the usual headers and these."""
    first = line or b"POST " + SEARCH_PATH.encode() + b" HTTP/1.1"
    usual = (first, host, b"Content-Type: application/json", b"Recipient: ags:16099001")
    return b"\r\n".join([*usual, *headers, b"", body])


def mark(text: bytes = b"%s") -> bytes:
    return text.replace(b"%s", MARK.encode())


NO_REQUEST = {
    "no HTTP": mark(b"%s\r\n\r\n"),
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + mark(),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9": post(line=b"POST / HTTP/9.9"),
    "unknown method": post(line=mark(b"%s / HTTP/1.1")),
    "blank in the path": post(line=mark(b"POST /v1/%s %s HTTP/1.1")),
    "null in the path": post(line=mark(b"POST /v1/%s\x00 HTTP/1.1")),
    "no path": post(line=b"POST  HTTP/1.1"),
    "path without slash": post(line=mark(b"POST %s HTTP/1.1")),
    "path beyond ASCII": post(line=mark(b"POST /v1/%s\xff HTTP/1.1")),
    "tunnel": post(line=b"CONNECT example.org:443 HTTP/1.1"),
    "header without colon": post(mark()),
    "blank before the colon": post(mark(b"X-Mark : %s")),
    "header without name": post(mark(b": %s")),
    "folded header": post(b"X-Mark: a", mark(b" %s")),
    "null in a header": post(mark(b"X-Mark: %s\x00")),
    "line feed alone": post(mark(b"X-Mark: %s\nX-Other: 1\r\n")),
    "carriage return alone": post(mark(b"X-Mark: %s\rX-Other: 1")),
}

TWO_READINGS = {
    "length and chunks": post(
        b"Content-Length: 6", b"Transfer-Encoding: chunked", body=b"0\r\n\r\nG" + SMUGGLED
    ),
    "chunks and length": post(
        b"Transfer-Encoding: chunked", b"Content-Length: 6", body=b"0\r\n\r\nG" + SMUGGLED
    ),
    "two lengths": post(b"Content-Length: 2", b"Content-Length: 9", body=b"{}" + SMUGGLED),
    "list of lengths": post(b"Content-Length: 2, 9", body=b"{}" + SMUGGLED),
    "same length twice": post(b"Content-Length: 2", b"Content-Length: 2", body=b"{}" + SMUGGLED),
    "length with a sign": post(b"Content-Length: +2", body=b"{}" + SMUGGLED),
    "negative length": post(b"Content-Length: -2", body=b"{}" + SMUGGLED),
    "length in hexadecimal": post(b"Content-Length: 0x2", body=b"{}" + SMUGGLED),
    "length beyond counting": post(b"Content-Length: " + b"9" * 30, body=b"{}" + SMUGGLED),
    "no length": post(b"Content-Length: ", body=b"{}" + SMUGGLED),
    "blank before the colon of the coding": post(
        b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "folded coding": post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "unknown coding": post(b"Transfer-Encoding: x-chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "chunked is not the last coding": post(
        b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "two codings": post(
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: x", body=b"0\r\n\r\n" + SMUGGLED
    ),
    "chunk without length": post(b"Transfer-Encoding: chunked", body=b"\r\n\r\n" + SMUGGLED),
    "chunk of negative length": post(b"Transfer-Encoding: chunked", body=b"-1\r\n" + SMUGGLED),
    "chunk longer than said": post(
        b"Transfer-Encoding: chunked", body=b"2\r\n{}xx\r\n0\r\n\r\n" + SMUGGLED
    ),
    "chunk beyond counting": post(
        b"Transfer-Encoding: chunked", body=b"f" * 20 + b"\r\n{}\r\n" + SMUGGLED
    ),
    "chunk with a line feed alone": post(
        b"Transfer-Encoding: chunked", body=b"2\n{}\r\n0\r\n\r\n" + SMUGGLED
    ),
}


def problem_in(answer: bytes) -> dict[str, Any]:
    """The document of the only answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head, answer
    document: dict[str, Any] = json.loads(body)
    return document


@pytest.mark.parametrize("name", [*NO_REQUEST, *TWO_READINGS])
def test_what_is_no_request_is_answered_once_and_leaves_nothing(house: BadHouse, name: str) -> None:
    request = {**NO_REQUEST, **TWO_READINGS}[name]
    with everything_logged() as net:
        answer = exchange(house, request)
    assert STATUS.findall(answer) == [b"400"], answer
    problem = problem_in(answer)
    assert (problem["code"], problem["fault"]) == ("request-malformed", "caller")
    assert problem["nextStep"]
    assert b"connection: close" in answer
    assert house.http.get(problem["type"]).status_code == 200
    assert_nothing_left(house)
    assert [text for text in [answer.decode(), *net.texts] if MARK in text] == []


def assert_nothing_left(house: BadHouse) -> None:
    headers = {"Authorization": f"Bearer {house.tokens['office']}"}
    for query in ("", "?state=refused"):
        page = house.http.get(f"/v1/messages{query}", headers=headers).json()
        assert (page["messages"], page["refused"]) == ([], [])


CLOSE = b"Connection: close"
CHUNKED = b"Transfer-Encoding: chunked"


def chunks(body: bytes, trailer: bytes = b"") -> bytes:
    return b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailer)


def test_a_token_behind_the_body_is_none(house: BadHouse) -> None:
    trailer = f"Authorization: Bearer {house.tokens['office']}\r\n".encode()
    answer = exchange(house, post(CLOSE, CHUNKED, body=chunks(b"{}", trailer)))
    assert problem_in(answer)["code"] == "not-authenticated"


def test_a_call_that_breaks_off_is_no_call(house: BadHouse) -> None:
    token = f"Authorization: Bearer {house.tokens['office']}".encode()
    request = post(token, b"Content-Length: 500", body=mark(b'{"a": "%s'))
    address = ("127.0.0.1", house.live.port)
    with socket.create_connection(address, timeout=LONGEST_WAIT_SECONDS) as connection:
        connection.sendall(request)
    assert_nothing_left(house)


@pytest.mark.parametrize(
    ("line", "host"),
    [
        (f"POST {SEARCH_PATH}/check HTTP/1.0", b"X-None: x"),
        (f"POST {SEARCH_PATH}/check HTTP/1.1", mark(b"Host: %s")),
        (f"POST http://gateway{SEARCH_PATH}/check HTTP/1.1", b"Host: gateway"),
    ],
    ids=["HTTP/1.0", "any host", "absolute form"],
)
def test_unusual_calls_that_are_right_are_answered(house: BadHouse, line: str, host: bytes) -> None:
    token = f"Authorization: Bearer {house.tokens['office']}".encode()
    body = body_of(marked_search())
    length = f"Content-Length: {len(body)}".encode()
    request = post(token, length, CLOSE, body=body, line=line.encode(), host=host)
    assert STATUS.findall(exchange(house, request)) == [b"200"]


@pytest.mark.parametrize("wish", [b"X-None: x", b"Upgrade: h2c\r\nConnection: Upgrade"])
def test_what_follows_the_last_call_is_not_answered(house: BadHouse, wish: bytes) -> None:
    answer = exchange(house, post(CLOSE, wish, line=b"GET /health/live HTTP/1.1") + SMUGGLED)
    assert STATUS.findall(answer) == [b"200"]


@pytest.mark.parametrize("wish", [b"h2c", b"websocket"])
def test_a_wish_for_another_protocol_is_ignored(house: BadHouse, wish: bytes) -> None:
    token = f"Authorization: Bearer {house.tokens['office']}".encode()
    line = f"POST {SEARCH_PATH}/check HTTP/1.1".encode()
    body = body_of(marked_search())
    length = f"Content-Length: {len(body)}".encode()
    wished = b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: " + wish, b"HTTP2-Settings: AAM"
    request = post(token, length, *wished, body=body, line=line)
    last = post(CLOSE, line=b"GET /health/live HTTP/1.1")
    assert STATUS.findall(exchange(house, request + last)) == [b"200", b"200"]


def test_a_body_behind_a_wish_for_another_protocol_is_no_request(house: BadHouse) -> None:
    length = f"Content-Length: {len(SMUGGLED)}".encode()
    wished = (length, b"Connection: close, Upgrade", b"Upgrade: h2c")
    answer = exchange(house, post(*wished, body=SMUGGLED))
    assert problem_in(answer)["code"] == "not-authenticated"


def test_two_calls_in_one_packet_are_answered_in_their_order(house: BadHouse) -> None:
    first = post(line=b"POST /v1/residents/none HTTP/1.1")
    answer = exchange(house, first + post(CLOSE, line=b"GET /health/live HTTP/1.1"))
    assert STATUS.findall(answer) == [b"404", b"200"]
