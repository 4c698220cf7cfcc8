"""Every bad call of an operation is told code, fault, place and next step, and leaves nothing."""

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

import gateway.flow.refusals
from tests.scenarios.bad_calls import BAD_CALLS, LIMIT, PADDED, BadCall
from tests.scenarios.bad_house import RECIPIENT, SEARCH_PATH, BadHouse, bad_house
from tests.scenarios.marked import MARK, everything_logged

WRITTEN_WITHIN_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BadHouse]:
    with pytest.MonkeyPatch.context() as patch:
        # Refused calls are listed when their batch is written: not to wait for it in every row.
        patch.setattr(gateway.flow.refusals, "GATHER_SECONDS", 0.001)
        with bad_house(tmp_path_factory.mktemp("bad")) as running:
            yield running


def send(house: BadHouse, call: BadCall, *, below: str = "") -> Answer:
    """Send a call as it is written; no client library adds to it or checks it."""
    connection = http.client.HTTPConnection("127.0.0.1", house.live.port, timeout=30)
    try:
        connection.putrequest(call.method, call.path + below, skip_accept_encoding=True)
        for name, values in headers_of(house, call):
            for value in values:
                connection.putheader(name, value)
        body = call.body
        if isinstance(body, list):
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders(iter(body), encode_chunked=True)
        else:
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
        return answer_on(connection)
    except (BrokenPipeError, ConnectionResetError):
        return answer_on(connection)
    finally:
        connection.close()


def answer_on(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    return Answer(status=response.status, headers=response.headers, body=response.read())


def headers_of(house: BadHouse, call: BadCall) -> Iterator[tuple[str, Sequence[str | bytes]]]:
    usual = {
        "Authorization": f"Bearer {house.tokens[call.caller]}",
        "Content-Type": "application/json",
        "Recipient": RECIPIENT,
    }
    for name, value in {**usual, **call.headers}.items():
        if isinstance(value, (str, bytes)):
            yield name, [value]
        elif value is not None:
            yield name, value


def look(house: BadHouse, path: str, caller: str = "office") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {house.tokens[caller]}"}
    response = house.http.get(path, headers=headers)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def refused(house: BadHouse, caller: str) -> list[dict[str, Any]]:
    page = look(house, "/v1/messages?state=refused&limit=500", caller)
    found: list[dict[str, Any]] = page["refused"]
    return found


def refused_after(house: BadHouse, caller: str, number: int) -> list[dict[str, Any]]:
    """The caller's refused calls, as soon as there are so many."""
    limit = time.monotonic() + WRITTEN_WITHIN_SECONDS
    while len(found := refused(house, caller)) < number and time.monotonic() < limit:
        time.sleep(0.005)
    return found


@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_bad_call_is_told_what_is_wrong_and_leaves_nothing(house: BadHouse, name: str) -> None:
    call = BAD_CALLS[name]
    before = len(refused(house, call.caller))
    with everything_logged() as net:
        answer = send(house, call)
        listed = refused_after(house, call.caller, before + call.kept)
    assert_problem(house, answer, call)
    assert look(house, "/v1/messages", call.caller)["messages"] == []
    assert len(listed) == before + call.kept
    if call.kept:
        assert listed[0]["code"] == call.code
    told = [answer.body.decode(), str(answer.headers), *net.texts, json.dumps(listed)]
    assert [text for text in told if MARK in text] == []


def assert_problem(house: BadHouse, answer: Answer, call: BadCall) -> None:
    assert answer.status == call.status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.document()
    assert (problem["status"], problem["code"]) == (call.status, call.code), problem
    assert (problem["fault"], problem["retryable"]) == (call.fault, call.retryable)
    assert problem["title"]
    assert problem["nextStep"].endswith(".")
    assert "messageId" not in problem
    places = problem.get("errors", [])
    texts = [f"{place['keyword']} {place['detail']}" for place in places]
    assert any(call.place in text for text in [problem["detail"], *texts]), problem
    if call.pointer is not None:
        assert call.pointer in [place.get("pointer") for place in places], problem
    page = house.http.get(problem["type"])
    assert (page.status_code, call.code in page.text) == (200, True)


CHECKED = [name for name, call in BAD_CALLS.items() if call.path == SEARCH_PATH]


@pytest.mark.parametrize("name", CHECKED)
def test_a_check_of_a_bad_call_is_told_the_same(house: BadHouse, name: str) -> None:
    call = BAD_CALLS[name]
    assert_problem(house, send(house, call, below="/check"), call)


def test_a_token_that_nobody_owns_gets_a_challenge(house: BadHouse) -> None:
    assert send(house, BAD_CALLS["no token"]).headers["www-authenticate"] == "Bearer"


def test_a_method_that_is_not_taken_is_answered_with_those_that_are(house: BadHouse) -> None:
    assert send(house, BAD_CALLS["method GET"]).headers["allow"] == "POST"


def test_a_closed_channel_says_when_to_ask_again(house: BadHouse) -> None:
    assert send(house, BAD_CALLS["closed channel"]).headers["retry-after"] == "60"


@pytest.mark.parametrize("body", [PADDED, [PADDED[:9], PADDED[9:]]], ids=["announced", "chunked"])
def test_a_body_of_exactly_the_limit_is_taken(house: BadHouse, body: bytes | list[bytes]) -> None:
    assert len(PADDED) == LIMIT
    call = BadCall(status=200, code="", body=body)
    assert send(house, call, below="/check").status == 200
