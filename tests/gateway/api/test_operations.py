"""The endpoints of the operations."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.errors import NotExpressibleError, Place, StoreUnavailableError
from gateway.flow.call import Pending, Settled
from gateway.messaging.lifecycle import State
from gateway.messaging.operation import OperationKind
from tests.gateway.api.conftest import AUTHORIZED, JSON, ScriptedDesk, message

PATH = "/v1/residents/search"


async def ask(
    client: httpx.AsyncClient, body: bytes = b"{}", path: str = PATH, **headers: str
) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(path, content=body, headers={**AUTHORIZED, **JSON, **sent})


async def test_an_answer_is_passed_on_as_it_is(client: httpx.AsyncClient) -> None:
    response = await ask(client)
    assert response.status_code == 200
    assert response.content == b'{"outcome":"answered"}'
    assert response.headers["message-id"] == message().id
    assert response.headers["content-type"] == "application/json"


async def test_the_call_carries_what_the_headers_say(
    client: httpx.AsyncClient, desk: ScriptedDesk
) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await ask(
        client,
        b'{"a":1}',
        recipient="ags:09162000",
        exchange_purpose="register-inquiry",
        case_reference="AZ 2026/17",
        test_message="true",
        traceparent=trace,
        prefer="respond-async, wait=10",
    )
    call = desk.calls[0]
    assert (call.body, call.key) == (b'{"a":1}', "residents/search/v1")
    assert (call.recipient, call.purpose) == ("ags:09162000", "register-inquiry")
    assert (call.case_reference, call.traceparent) == ("AZ 2026/17", trace)
    assert (call.test, call.respond_async, call.wait) == (True, True, timedelta(seconds=10))


async def test_a_pending_message_is_a_202_with_a_place_to_look(
    client: httpx.AsyncClient, desk: ScriptedDesk
) -> None:
    desk.told = Pending(message=message(State.ACCEPTED))
    response = await ask(client, prefer="respond-async")
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/messages/{message().id}"
    assert response.headers["preference-applied"] == "respond-async"
    assert response.json() == {"id": message().id, "state": "accepted", "outcome": None}


@pytest.mark.parametrize(
    ("state", "code", "status", "told"),
    [
        (State.EXPIRED, "not-sent", 504, "message-expired"),
        (State.DEAD, "authority-refused", 502, "authority-refused"),
        (State.DEAD, None, 502, "delivery-failed"),
        (State.INVALID, "answer-unreadable", 502, "answer-unreadable"),
    ],
)
async def test_a_message_that_rests_unanswered_is_a_problem_with_its_id(
    client: httpx.AsyncClient,
    desk: ScriptedDesk,
    *,
    state: State,
    code: str | None,
    status: int,
    told: str,
) -> None:
    desk.told = Settled(message=message(state, code=code))
    response = await ask(client)
    assert (response.status_code, response.json()["code"]) == (status, told)
    assert response.json()["messageId"] == response.headers["message-id"] == message().id


async def test_a_submission_in_doubt_is_no_error(
    client: httpx.AsyncClient, desk: ScriptedDesk
) -> None:
    desk.told = Settled(message=message(State.IN_DOUBT, kind=OperationKind.SUBMISSION))
    assert (await ask(client, path="/v2/residents/report")).status_code == 202


async def test_a_refusal_names_every_place(client: httpx.AsyncClient, desk: ScriptedDesk) -> None:
    desk.told = NotExpressibleError(
        "Cannot be written.",
        places=[
            Place(keyword="maxLength", detail="Too long.", pointer="/a", wire="x:a", rule="m:1"),
            Place(keyword="unsupported", detail="Not there.", pointer="/b"),
        ],
    )
    response = await ask(client)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "/problems/not-expressible",
        "title": "Not expressible",
        "status": 422,
        "detail": "Cannot be written.",
        "code": "not-expressible",
        "fault": "caller",
        "retryable": False,
        "nextStep": NotExpressibleError.next_step,
        "errors": [
            {
                "pointer": "/a",
                "wire": "x:a",
                "rule": "m:1",
                "keyword": "maxLength",
                "detail": "Too long.",
            },
            {"pointer": "/b", "keyword": "unsupported", "detail": "Not there."},
        ],
    }


async def test_nobody_calls_without_a_token(client: httpx.AsyncClient, desk: ScriptedDesk) -> None:
    response = await client.post(PATH, content=b"{}", headers=JSON)
    assert (response.status_code, response.json()["code"]) == (401, "not-authenticated")
    assert response.headers["www-authenticate"] == "Bearer"
    assert desk.calls == []


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"recipient": "München"}, 400, "header-invalid"),
        ({"prefer": "wait=soon"}, 400, "header-invalid"),
        ({"test_message": "yes"}, 400, "header-invalid"),
        ({"idempotency_key": "k k"}, 400, "header-invalid"),
        ({"content_type": "application/xml"}, 415, "media-type-unsupported"),
    ],
)
async def test_what_cannot_be_understood_is_refused(
    client: httpx.AsyncClient, headers: dict[str, Any], status: int, code: str
) -> None:
    sent = {name: value.encode() for name, value in headers.items()}
    response = await ask(client, **sent)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert "München" not in response.text


@pytest.mark.parametrize("announced", [True, False])
async def test_a_long_body_is_refused_before_it_is_read(
    client: httpx.AsyncClient, *, announced: bool
) -> None:
    parts_read = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal parts_read
        for _ in range(10):
            parts_read += 1
            yield b" " * 600

    length = {"Content-Length": "6000"} if announced else {}
    response = await client.post(PATH, content=parts(), headers={**AUTHORIZED, **JSON, **length})
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert parts_read < 10


async def test_an_unavailable_store_says_when_to_come_back(
    client: httpx.AsyncClient, desk: ScriptedDesk
) -> None:
    desk.told = StoreUnavailableError("The store cannot write.")
    response = await ask(client)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"


async def test_check_shows_what_would_be_sent(client: httpx.AsyncClient) -> None:
    response = await ask(client, b"<a/>", path=f"{PATH}/check")
    assert response.json()["wire"] == {"mediaType": "application/xml", "text": "<a/>"}
    assert response.json()["ledger"] == {"mapped": 1}


async def test_a_wire_form_that_is_no_text_is_shown_in_hexadecimal(
    client: httpx.AsyncClient,
) -> None:
    response = await ask(client, b"\xff", path=f"{PATH}/check")
    assert response.json()["wire"] == {"mediaType": "application/xml", "hex": "ff"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_other_methods_are_problem_documents(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, PATH, headers=AUTHORIZED)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.headers["content-type"] == "application/problem+json"
