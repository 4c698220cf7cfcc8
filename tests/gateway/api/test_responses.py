"""Sending answers."""

from typing import Any

from gateway.api.problems import problem_of
from gateway.api.responses import problem_response, send_bytes, send_problem
from gateway.errors import MessageInDoubtError, NotAuthenticatedError


class Sent(list[Any]):
    """Keeps what was sent."""

    async def __call__(self, event: Any) -> None:
        self.append(event)


async def test_an_answer_has_type_length_and_is_never_cached() -> None:
    sent = Sent()
    await send_bytes(sent, 200, b"{}", headers={"Message-Id": "m"})
    headers = dict(sent[0]["headers"])
    assert headers[b"content-length"] == b"2"
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"message-id"] == b"m"
    assert sent[1]["body"] == b"{}"


async def test_a_problem_names_its_message_in_a_header_too() -> None:
    sent = Sent()
    await send_problem(sent, problem_of(MessageInDoubtError("In doubt.", message_id="m")))
    headers = dict(sent[0]["headers"])
    assert headers[b"message-id"] == b"m"
    assert headers[b"content-type"] == b"application/problem+json"


def test_a_typed_route_answers_a_problem_with_its_headers() -> None:
    response = problem_response(problem_of(NotAuthenticatedError("Who?")))
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
