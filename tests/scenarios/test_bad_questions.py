"""Bad questions about messages, operations and routes are told code, fault, place and next step."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.scenarios.bad_house import RECIPIENT, SEARCH_PATH, UNREADABLE, BadHouse, bad_house
from tests.scenarios.marked import MARK, body_of, everything_logged, marked_search

NOBODY = "0c9a5a1e-0000-4000-8000-000000000001"
"""An id in the right form that no message has."""

PARTS = ("", "/answer", "/history", "/attempts", "/ledger")
VERBS = ("/cancel", "/replay", "/reread")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A gateway with one answered message of the office, and one whose answer is unreadable."""

    house: BadHouse
    answered: str
    invalid: str


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with bad_house(tmp_path_factory.mktemp("questions")) as house:
        document = marked_search()
        good = search(house, body_of(document))
        assert good.status_code == 200, good.text
        document["search"]["name"]["familyName"]["text"] = UNREADABLE
        bad = search(house, body_of(document))
        assert bad.json()["code"] == "answer-unreadable"
        yield Asked(
            house=house, answered=good.headers["message-id"], invalid=bad.json()["messageId"]
        )


def search(house: BadHouse, body: bytes, *, key: str | None = None) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {house.tokens['office']}",
        "Content-Type": "application/json",
        "Recipient": RECIPIENT,
    }
    return house.http.post(
        SEARCH_PATH, content=body, headers=headers | ({"Idempotency-Key": key} if key else {})
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question that cannot be answered; ``{answered}`` and ``{invalid}`` stand for ids."""

    path: str
    status: int
    code: str
    place: str
    method: str = "GET"
    caller: str | None = "office"
    fault: str = "caller"


def invalid(query: str, place: str, path: str = "/v1/messages") -> Question:
    return Question(path=f"{path}?{query}", status=400, code="parameter-invalid", place=place)


def unknown(identity: str, part: str = "", caller: str = "office") -> Question:
    return Question(
        path=f"/v1/messages/{identity}{part}",
        status=404,
        code="message-unknown",
        place="id",
        method="POST" if part in VERBS else "GET",
        caller=caller,
    )


def conflict(identity: str, verb: str, place: str) -> Question:
    return Question(
        path=f"/v1/messages/{identity}{verb}",
        status=409,
        code="transition-conflict",
        place=place,
        method="POST",
        fault="gateway",
    )


SCHEMA = "/v1/operations/residents/search/v1/schema/request"
EXPLAIN = "/v1/routes/explain"

QUESTIONS = {
    "no limit": invalid("limit=0", "limit"),
    "negative limit": invalid("limit=-1", "limit"),
    "too large a limit": invalid("limit=501", "limit"),
    "huge limit": invalid("limit=" + "9" * 4000, "limit"),
    "limit in words": invalid(f"limit={MARK}", "limit"),
    "limit with a fraction": invalid("limit=1.5", "limit"),
    "null limit": invalid("limit=%00", "limit"),
    "rubbish as cursor": invalid(f"cursor={MARK}", "cursor"),
    "cursor beyond ASCII": invalid("cursor=%C3%A4", "cursor"),
    "cursor of a huge time": invalid("cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk6eA", "cursor"),
    "cursor too long": invalid("cursor=" + "A" * 201, "cursor"),
    "cursor of messages for refused calls": invalid("state=refused&cursor=MTp4", "cursor"),
    "time without offset": invalid("since=2026-01-01T00:00:00", "since"),
    "time as a number": invalid("since=0", "since"),
    "day without a time": invalid("since=2026-01-01", "since"),
    "time in words": invalid(f"since={MARK}", "since"),
    "no such time": invalid("until=2026-02-30T00:00:00Z", "until"),
    "year too late": invalid("until=99999-01-01T00:00:00Z", "until"),
    "unknown parameter": invalid("stat=dead", "stat"),
    "unknown parameter, named like a person": invalid(f"{MARK}=1", "10 characters"),
    "limit twice": invalid("limit=1&limit=2", "limit"),
    "unknown parameter twice": invalid(f"{MARK}=1&{MARK}=1", "10 characters"),
    "unknown state": invalid(f"state={MARK}", "state"),
    "refused and another state": invalid("state=refused&state=dead", "state"),
    "operation too long": invalid("operation=" + "a" * 201, "operation"),
    "no flag": Question(
        path="/v1/messages/{answered}/replay?notTaken=" + MARK,
        status=400,
        code="parameter-invalid",
        place="notTaken",
        method="POST",
    ),
    "version in words": invalid("", "version", SCHEMA.replace("/v1/schema", f"/v{MARK}/schema")),
    "neither request nor answer": invalid("", "side", SCHEMA.replace("/request", f"/{MARK}")),
    "route without operation": invalid(f"authority={RECIPIENT}", "operation", EXPLAIN),
    "route without authority": invalid("operation=residents/search/v1", "authority", EXPLAIN),
    "schema of an unknown version": Question(
        path=SCHEMA.replace("/v1/schema", "/v7/schema"),
        status=404,
        code="operation-unknown",
        place="version",
    ),
    "schema of an unknown operation": Question(
        path=SCHEMA.replace("/search/", f"/{MARK}/"),
        status=404,
        code="operation-unknown",
        place="operation",
    ),
    "route of another authority": Question(
        path=f"{EXPLAIN}?operation=residents/search/v1&authority=ags:09162000",
        status=403,
        code="permission-denied",
        place="Recipient",
    ),
    "page of an unknown code": Question(
        path=f"/problems/{MARK}", status=404, code="path-unknown", place="path"
    ),
    **{f"nobody's{part}": unknown(NOBODY, part) for part in (*PARTS, *VERBS)},
    **{f"no id{part}": unknown(MARK, part) for part in (*PARTS, *VERBS)},
    "null as id": unknown("%00"),
    "no UTF-8 as id": unknown("%ED%A0%80"),
    "slash in an id": unknown(f"{MARK}%2F{MARK}"),
    "dots as id": unknown("%2E%2E%2Fmessages"),
    "very long id": unknown(MARK * 700),
    "statement as id": unknown("'%20OR%20'1'='1"),
    **{
        f"another caller's{part}": unknown("{answered}", part, "clerk") for part in (*PARTS, *VERBS)
    },
    "withdraw what is answered": conflict("{answered}", "/cancel", "answered"),
    "repeat what is answered": conflict("{answered}", "/replay", "answered"),
    "read again what is answered": conflict("{answered}", "/reread", "answered"),
    "withdraw what is invalid": conflict("{invalid}", "/cancel", "invalid"),
    "repeat what is invalid": conflict("{invalid}", "/replay", "invalid"),
    "answer that is unreadable": Question(
        path="/v1/messages/{invalid}/answer",
        status=409,
        code="answer-not-ready",
        place="invalid",
    ),
    "read again what stays unreadable": Question(
        path="/v1/messages/{invalid}/reread",
        status=502,
        code="answer-unreadable",
        place="",
        method="POST",
        fault="authority",
    ),
    **{
        f"no token for {path}": Question(
            path=path, status=401, code="not-authenticated", place="Authorization", caller=None
        )
        for path in ("/v1/messages", f"/v1/messages/{NOBODY}", "/v1/operations", SCHEMA, EXPLAIN)
    },
    **{
        f"wrong method for {path}": Question(
            path=path, status=405, code="method-not-allowed", place="method", method="DELETE"
        )
        for path in ("/v1/messages", "/v1/messages/{answered}", "/v1/operations", "/health/live")
    },
}


def put(asked: Asked, question: Question) -> httpx.Response:
    path = question.path.replace("{answered}", asked.answered).replace("{invalid}", asked.invalid)
    token = asked.house.tokens[question.caller] if question.caller else None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return asked.house.http.request(question.method, path, headers=headers)


def states(asked: Asked) -> dict[str, tuple[str, int]]:
    """State and number of deliveries of every message of the office."""
    headers = {"Authorization": f"Bearer {asked.house.tokens['office']}"}
    page = asked.house.http.get("/v1/messages", headers=headers).json()
    return {one["id"]: (one["state"], one["attempts"]) for one in page["messages"]}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_bad_question_is_told_what_is_wrong_and_changes_nothing(asked: Asked, name: str) -> None:
    question = QUESTIONS[name]
    before = states(asked)
    with everything_logged() as net:
        response = put(asked, question)
    assert response.status_code == question.status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["code"]) == (question.status, question.code)
    assert problem["fault"] == question.fault
    assert problem["nextStep"].endswith(".")
    details = [problem["detail"], *(place["detail"] for place in problem.get("errors", []))]
    assert any(question.place in detail for detail in details), problem
    assert asked.house.http.get(problem["type"]).status_code == 200
    assert states(asked) == before
    assert set(before) == {asked.answered, asked.invalid}
    told = [json.dumps(problem), str(response.headers), *net.texts]
    assert [text for text in told if MARK in text] == []


def test_a_method_that_is_not_taken_is_answered_with_those_that_are(asked: Asked) -> None:
    assert put(asked, QUESTIONS["wrong method for /v1/messages"]).headers["allow"] == "GET"


def test_a_key_for_two_different_calls_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    with bad_house(tmp_path_factory.mktemp("key")) as house:
        assert search(house, body_of(marked_search()), key="k").status_code == 200
        response = search(house, body_of(marked_search(purpose=MARK)), key="k")
    assert (response.status_code, response.json()["code"]) == (422, "idempotency-mismatch")
    assert MARK not in response.text
