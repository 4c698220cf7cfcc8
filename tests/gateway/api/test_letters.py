"""Dead letters by the API, on a real desk and store."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.messaging.ports import WireAnswer
from tests.gateway.api.letter_app import LetterApp, running
from tests.gateway.flow.letter_world import LetterWorld, Versions, settled
from tests.gateway.flow.world import answer, ask_for

JSON = {"content-type": "application/json"}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[LetterApp]:
    async with running(LetterWorld(tmp_path / "messages.db")) as app:
        yield app


async def correct(app: LetterApp, message_id: str, document: Any, **headers: str) -> httpx.Response:
    return await app.http.post(
        f"/v1/messages/{message_id}/correct",
        content=json.dumps(document),
        headers={**JSON, "Idempotency-Key": "k1", **headers},
    )


async def test_causes_say_whose_fault_it_is_and_what_to_do(app: LetterApp) -> None:
    await app.dead(3)
    (cause,) = (await app.http.get("/v1/messages/causes?state=dead&state=in_doubt")).json()
    assert (cause["code"], cause["count"], cause["fault"]) == ("authority-refused", 3, "authority")
    assert (cause["operation"], cause["channel"]) == ("residents/report", "main")
    assert "correct" in cause["nextStep"]
    assert cause["oldestAt"] == "2026-01-15T12:00:00Z"
    assert cause["newestAt"] == "2026-01-15T12:00:00.002000Z"
    assert (await app.http.get("/v1/messages/causes?code=not-sent")).json() == []
    wrong = await app.http.get("/v1/messages/causes?state=answered")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "parameter-invalid")


async def test_messages_are_listed_by_channel_and_code(app: LetterApp) -> None:
    (message,) = await app.dead()
    for query, count in (
        ("channel=main&code=authority-refused", 1),
        ("channel=other", 0),
        ("code=not-sent", 0),
    ):
        page = (await app.http.get(f"/v1/messages?{query}")).json()
        assert [one["id"] for one in page["messages"]] == [message.id] * count


async def test_one_look_tells_what_is_wrong(app: LetterApp) -> None:
    (message,) = await app.dead()
    found = (await app.http.get(f"/v1/messages/{message.id}/diagnosis")).json()
    assert found["message"]["state"] == "dead"
    assert (found["fault"], found["failure"]["code"]) == ("authority", "authority-refused")
    assert found["nextStep"]
    assert found["restingSeconds"] == pytest.approx(0.001)
    assert found["actions"] == ["replay", "correct"]
    assert found["trial"] == {"action": "replay", "code": None, "errors": []}
    assert len(found["attempts"]) == 1
    assert (found["corrects"], found["correctedBy"], found["earlier"]) == (None, [], [])


async def test_it_names_the_wrong_places_of_an_answer(app: LetterApp) -> None:
    app.world.replies(WireAnswer(body=b"?"))
    message = (await app.desk.ask(ask_for())).message
    found = (await app.http.get(f"/v1/messages/{message.id}/diagnosis")).json()
    assert found["trial"]["code"] == "answer-unreadable"
    assert found["trial"]["errors"][0] == {"keyword": "syntax", "detail": "Not in brackets."}


async def test_a_corrected_copy_is_sent_and_both_know_each_other(app: LetterApp) -> None:
    (original,) = await app.dead()
    app.world.replies(answer())
    first = await correct(app, original.id, {"name": "Grace"})
    assert first.status_code == 202
    copy = first.json()["id"]
    assert first.headers["location"] == f"/v1/messages/{copy}"
    assert first.headers["message-id"] == copy
    assert "idempotency-replayed" not in first.headers
    await settled(app.desk, copy)

    again = await correct(app, original.id, {"name": "Grace"})
    assert (again.json()["id"], again.headers["idempotency-replayed"]) == (copy, "true")
    assert again.json()["state"] == "answered"

    found = (await app.http.get(f"/v1/messages/{original.id}/diagnosis")).json()
    assert found["correctedBy"] == [{"id": copy, "state": "answered"}]
    found = (await app.http.get(f"/v1/messages/{copy}/diagnosis")).json()
    assert found["corrects"] == {"id": original.id, "state": "dead"}

    replayed = await app.http.post(f"/v1/messages/{original.id}/replay")
    assert (replayed.status_code, replayed.json()["code"]) == (409, "message-corrected")


async def test_a_difference_shows_values_only_if_they_are_asked_for(app: LetterApp) -> None:
    (original,) = await app.dead()
    copy = (await correct(app, original.id, {"name": "Grace", "number": 7})).json()["id"]
    path = f"/v1/messages/{copy}/diff"
    plain = await app.http.get(path)
    assert plain.json()["corrects"] == original.id
    assert {"pointer": "/name", "change": "changed"} in plain.json()["changes"]
    assert "Grace" not in plain.text
    shown = (await app.http.get(f"{path}?values=true")).json()["changes"]
    assert {"pointer": "/name", "change": "changed", "before": "N0", "after": "Grace"} in shown
    nothing = await app.http.get(f"/v1/messages/{original.id}/diff")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "not-a-correction")


@pytest.mark.parametrize(
    ("document", "headers", "status", "code"),
    [
        ({"surname": "x"}, {}, 422, "schema-violation"),
        ({"name": "<"}, {}, 422, "not-expressible"),
        ({"name": "x"}, {"Recipient": "ags:05000000"}, 403, "permission-denied"),
        ({"name": "x"}, {"Recipient": "?"}, 400, "header-invalid"),
        ({"name": "x" * 2_000_000}, {}, 413, "body-too-large"),
        ({"name": "x"}, {"content-type": "text/plain"}, 415, "media-type-unsupported"),
    ],
)
async def test_a_wrong_copy_is_refused_and_changes_nothing(
    app: LetterApp, document: Any, headers: dict[str, str], status: int, code: str
) -> None:
    (original,) = await app.dead()
    response = await correct(app, original.id, document, **headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert await app.desk.store.get(original.id) == original


async def test_the_request_can_be_looked_at(app: LetterApp) -> None:
    (message,) = await app.dead()
    response = await app.http.get(f"/v1/messages/{message.id}/request")
    assert response.json() == {"messageId": message.id, "name": "N0"}
    assert response.headers["cache-control"] == "no-store"


async def test_a_replay_may_be_translated_again(tmp_path: Path) -> None:
    world = LetterWorld(tmp_path / "messages.db")
    async with running(world) as app:
        (message,) = await app.dead()
    world.exchange = Versions(2)
    world.replies(answer())
    async with running(world) as app:
        path = f"/v1/messages/{message.id}"
        assert (await app.http.post(f"{path}/replay?mode=retranslate")).status_code == 200
        await settled(app.desk, message.id)
        (earlier,) = (await app.http.get(f"{path}/diagnosis")).json()["earlier"]
        assert earlier["kind"] == "wire_request"
        assert (earlier["version"], earlier["mapVersion"]) == (1, "plain/search@1")
        wrong = await app.http.post(f"{path}/replay?mode=other")
        assert (wrong.status_code, wrong.json()["code"]) == (400, "parameter-invalid")


async def test_unknown_messages_are_said_to_be(app: LetterApp) -> None:
    for path in ("diagnosis", "request", "diff"):
        response = await app.http.get(f"/v1/messages/none/{path}")
        assert (response.status_code, response.json()["code"]) == (404, "message-unknown")
    assert (await correct(app, "none", {})).status_code == 404
