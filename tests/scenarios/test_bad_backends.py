"""Every way in which a backend fails: what the caller is told, and what becomes of the message.

A real gateway process, real sockets, real faults; ``backends.cases`` says what has to come of each.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.simulation import Certificate, Fault
from tests.scenarios.backends.cases import BACK_AGAIN, CASES, NEVER_THERE, PROBLEMS, End, Problem
from tests.scenarios.backends.street import Kept, Street, street
from tests.scenarios.crash.house import NOTICE, SEARCH
from tests.scenarios.marked import MARK, marked_search

DOCS = Path(__file__).parents[2] / "docs" / "simulation.md"
DOCUMENTS: dict[str, Any] = {SEARCH: marked_search(), NOTICE: {"text": MARK}}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    backends = {name: case.backend for name, case in CASES.items()}
    backends |= {"never-there": NEVER_THERE, "back-again": BACK_AGAIN}
    with street(tmp_path_factory.mktemp("backends"), backends) as running:
        yield running


@pytest.mark.parametrize("operation", [SEARCH, NOTICE])
@pytest.mark.parametrize("name", CASES)
def test_what_comes_of_a_backend_that_is(gateway: Street, name: str, operation: str) -> None:
    case = CASES[name]
    end = case.query if operation == SEARCH else case.submission
    response = gateway.send(name, operation, DOCUMENTS[operation], case.prefer)
    message_id = message_id_of(response)
    message = gateway.rested(message_id)
    history = gateway.get(f"/{message_id}/history").json()
    attempts = gateway.get(f"/{message_id}/attempts").json()
    assert response.status_code == end.status
    assert (message["state"], message["code"]) == (end.state, end.code)
    assert [attempt["result"] for attempt in attempts] == list(end.attempts)
    assert gateway.times_seen(name, operation, message_id) == end.seen
    assert case.detail in (history[-1]["detail"] or "")
    judge_problem(response, end, case.place)
    judge_kept(gateway.kept(message_id), case.kept)
    judge_texts(gateway, message_id, response)


def test_no_fault_and_no_certificate_is_left_out() -> None:
    backends = [case.backend for case in CASES.values()]
    assert {backend.effect.fault for backend in backends} >= set(Fault)
    assert {backend.tls for backend in backends} >= set(Certificate)


@pytest.mark.parametrize("name", CASES)
def test_people_can_read_what_comes_of_a_backend_that_is(name: str) -> None:
    assert CASES[name].row in DOCS.read_text("utf-8")


def message_id_of(response: httpx.Response) -> str:
    found: str = response.headers.get("Message-Id") or response.json()["messageId"]
    return found


def judge_problem(response: httpx.Response, end: End, place: tuple[str, str] | None) -> None:
    """An error says whose fault it is, where, and what to do; nothing else is a problem."""
    if not response.is_error:
        assert response.headers["Content-Type"] == "application/json"
        return
    assert response.headers["Content-Type"] == "application/problem+json"
    said = response.json()
    assert said["code"] == end.code
    problem = Problem(
        status=said["status"],
        fault=said["fault"],
        retryable=said["retryable"],
        next_step=said["nextStep"],
    )
    assert problem == PROBLEMS[said["code"]]
    if place is None:
        assert "errors" not in said
        return
    keyword, text = place
    assert any(keyword in one["keyword"] and text in str(one) for one in said["errors"])


def judge_kept(kept: Kept | None, pattern: str | None) -> None:
    """What came from the authority is kept exactly as it came; nothing is, if nothing came."""
    if pattern is None:
        assert kept is None
        return
    assert kept is not None
    assert re.fullmatch(pattern, kept.body.decode("latin-1"), re.DOTALL), kept.body[:80]


def judge_texts(gateway: Street, message_id: str, response: httpx.Response) -> None:
    """Content stands in the answer only: in nothing that is said about it, and in no log."""
    said = [gateway.get(f"/{message_id}{part}").text for part in ("", "/history", "/ledger")]
    if not response.is_success:
        said.append(f"{response.headers} {response.text}")
    assert_unmarked([*said, gateway.http.get("/metrics").text, gateway.log.read_text("utf-8")])


def assert_unmarked(texts: Sequence[str]) -> None:
    for text in texts:
        at = text.find(MARK)
        assert at < 0, f"marked: …{text[max(at - 200, 0) : at + 60]}…"


def test_query_to_a_backend_that_is_never_there_expires_with_its_caller(gateway: Street) -> None:
    response = gateway.send("never-there", SEARCH, DOCUMENTS[SEARCH], "wait=1")
    message_id = message_id_of(response)
    assert response.status_code == 504
    end = End(status=504, state="expired", attempts=[], code="message-expired")
    judge_problem(response, end, None)
    attempts = gateway.get(f"/{message_id}/attempts").json()
    assert len(attempts) > 2
    assert {attempt["result"] for attempt in attempts} == {"not_sent"}
    assert gateway.rested(message_id)["state"] == "expired"


def test_submission_to_a_backend_that_is_never_there_stays_with_the_gateway(
    gateway: Street,
) -> None:
    response = gateway.send("never-there", NOTICE, DOCUMENTS[NOTICE], "wait=1")
    assert response.status_code == 202
    message = gateway.get(f"/{message_id_of(response)}").json()
    assert message["state"] in ("retrying", "delivering")
    assert message["settledAt"] is None


def test_backend_that_comes_back_answers_the_query_that_waits(gateway: Street) -> None:
    response = gateway.send("back-again", SEARCH, DOCUMENTS[SEARCH], "wait=10")
    attempts = gateway.get(f"/{message_id_of(response)}/attempts").json()
    results = [attempt["result"] for attempt in attempts]
    assert response.status_code == 200
    assert (results[0], results[-1]) == ("outcome_unknown", "answered")
    assert set(results[1:-1]) == {"not_sent"}


def test_backend_that_comes_back_does_not_get_a_submission_twice(gateway: Street) -> None:
    response = gateway.send("back-again", NOTICE, DOCUMENTS[NOTICE], "wait=10")
    message = gateway.rested(message_id_of(response))
    assert (response.status_code, message["state"]) == (202, "in_doubt")
    assert gateway.times_seen("back-again", NOTICE, message["id"]) == 1


def test_nothing_is_wrong_with_the_gateway_after_all_that(gateway: Street) -> None:
    assert gateway.http.get("/health/ready").json()["status"] == "ready"
    assert "unforeseen" not in gateway.log.read_text("utf-8")
    assert "delivery.unexpected" not in gateway.log.read_text("utf-8")
