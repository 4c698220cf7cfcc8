"""The message resource."""

import httpx
import pytest

from gateway.api.messages import to_resource
from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId
from tests.gateway.api.conftest import AUTHORIZED, ScriptedDesk, message

PATH = f"/v1/messages/{message().id}"


async def test_a_message_shows_its_state_without_content(client: httpx.AsyncClient) -> None:
    document = (await client.get(PATH, headers=AUTHORIZED)).json()
    assert document["id"] == message().id
    assert (document["state"], document["outcome"]) == ("answered", None)
    assert document["acceptedAt"] == "2026-01-15T12:00:00Z"
    assert document["operationVersion"] == 1


async def test_a_message_that_waits_says_for_which(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH, headers=AUTHORIZED)).json()["blockedBy"] is None
    waits, first = message(State.ACCEPTED), MessageId("first")
    assert to_resource(waits, {waits.id: first}).blocked_by == first
    assert to_resource(waits, {}).blocked_by is None


async def test_only_those_that_wait_can_be_listed(
    client: httpx.AsyncClient, desk: ScriptedDesk
) -> None:
    await client.get("/v1/messages?blocked=true", headers=AUTHORIZED)
    await client.get("/v1/messages", headers=AUTHORIZED)
    assert [wanted.waiting for wanted in desk.wanted] == [True, False]


async def test_another_message_is_unknown(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/messages/other", headers=AUTHORIZED)
    assert (response.status_code, response.json()["code"]) == (404, "message-unknown")


async def test_messages_are_listed_in_pages(client: httpx.AsyncClient, desk: ScriptedDesk) -> None:
    response = await client.get(
        "/v1/messages?state=dead&state=invalid&operation=residents/search"
        "&since=2026-01-01T00:00:00Z&limit=1",
        headers=AUTHORIZED,
    )
    assert response.json()["nextCursor"] == "next"
    assert response.json()["messages"][0]["id"] == message().id
    wanted = desk.wanted[0]
    assert wanted.states == {State.DEAD, State.INVALID}
    assert wanted.operation == "residents/search"
    assert wanted.since is not None


@pytest.mark.parametrize("query", ["limit=0", "since=2026-01-01T00:00:00", "stat=dead"])
async def test_a_selection_that_cannot_be_understood_is_refused(
    client: httpx.AsyncClient, query: str
) -> None:
    response = await client.get(f"/v1/messages?{query}", headers=AUTHORIZED)
    assert (response.status_code, response.json()["code"]) == (400, "parameter-invalid")


async def test_the_answer_is_the_stored_bytes(client: httpx.AsyncClient) -> None:
    response = await client.get(f"{PATH}/answer", headers=AUTHORIZED)
    assert response.content == b'{"outcome":"x"}'
    assert response.headers["content-type"] == "application/json"


async def test_the_history_shows_its_chain(client: httpx.AsyncClient) -> None:
    (event,) = (await client.get(f"{PATH}/history", headers=AUTHORIZED)).json()
    assert event["event"] == "message.accepted"
    assert len(event["hash"]) == 64


async def test_attempts_and_ledger_are_shown(client: httpx.AsyncClient) -> None:
    (attempt,) = (await client.get(f"{PATH}/attempts", headers=AUTHORIZED)).json()
    assert (attempt["number"], attempt["endedAt"]) == (1, None)
    ledger = (await client.get(f"{PATH}/ledger", headers=AUTHORIZED)).json()
    assert ledger == {"wire_request": {"mapped": 1}}
