import pytest

from bench.backend import Desk, Gathering, Template, body_length, is_whole

OWN_ID = b"11111111-1111-1111-1111-111111111111"
OLD_ID = b"22222222-2222-2222-2222-222222222222"
ASKED_ID = b"33333333-3333-3333-3333-333333333333"


def message(*ids: bytes) -> bytes:
    fields = (b"<nachrichtenUUID>" + one + b"</nachrichtenUUID>" for one in ids)
    return b"<m>" + b"<x/>".join(fields) + b"</m>"


def body_of(response: bytes) -> bytes:
    head, body = response.split(b"\r\n\r\n", 1)
    assert body_length(head) == len(body)
    return body


def test_answer_refers_to_the_message_that_was_asked() -> None:
    template = Template(message(OWN_ID, OLD_ID))
    response = template.fill(b"POST / HTTP/1.1\r\n\r\n" + message(ASKED_ID))
    assert body_of(response) == message(OWN_ID, ASKED_ID)


def test_answer_is_fixed_where_the_request_names_no_message() -> None:
    template = Template(message(OWN_ID, OLD_ID))
    assert body_of(template.fill(b"{}")) == message(OWN_ID, OLD_ID)


def test_answer_without_an_id_is_fixed() -> None:
    assert body_of(Template(b"<m/>").fill(message(ASKED_ID))) == b"<m/>"


def test_length_is_found_whatever_its_case() -> None:
    assert body_length(b"POST / HTTP/1.1\r\nContent-Length: 12\r\nHost: x") == 12
    assert body_length(b"GET / HTTP/1.1") == 0


def test_held_posts_are_answered_on_release() -> None:
    desk = Desk(Template(b"<m/>"))
    sent: list[bytes] = []
    desk.ask(b"GET /hold HTTP/1.1\r\n\r\n", sent.append)
    desk.ask(b"POST / HTTP/1.1\r\n\r\n", sent.append)
    assert [body_of(response) for response in sent] == [b"0"]
    desk.ask(b"GET /release HTTP/1.1\r\n\r\n", sent.append)
    assert [body_of(response) for response in sent] == [b"0", b"<m/>", b"1"]


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-len", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
    ],
)
def test_answer_is_whole_with_its_last_byte(answer: bytes, *, whole: bool) -> None:
    assert is_whole(answer) is whole


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_messages_are_gathered_whatever_pieces_they_come_in(step: int) -> None:
    messages = [
        b"POST / HTTP/1.1\r\nContent-Length: 300\r\n\r\n" + b"x" * 300,
        b"GET / HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ]
    gathering = Gathering()
    found = [
        gathering.add(message[start : start + step])
        for message in messages
        for start in range(0, len(message), step)
    ]
    assert [message for message in found if message is not None] == messages
