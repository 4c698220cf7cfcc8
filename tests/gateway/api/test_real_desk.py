"""The API around a real desk, store and adapter, with a simulated authority behind it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override

from gateway.bootstrap import SystemClock, build
from gateway.cli.demo import write_config
from gateway.cli.simulate import EXAMPLES
from gateway.cli.translate import find_adapter, pick_exchange
from gateway.messaging.channel import Channel
from gateway.messaging.ports import Clock, Receipt, Transport, WireAnswer, WireMessage
from gateway.security.tokens import new_token
from gateway.settings import Settings, load_settings
from gateway.simulation import create_authority, load_plan
from gateway.simulation.server import SimulatedAuthority

PATH = "/v1/residents/search"
PROJECT = Path(__file__).parents[3]


class InProcess(Transport):
    """Hands bytes to a simulated authority without a network."""

    def __init__(self, authority: SimulatedAuthority) -> None:
        self._authority = authority

    @override
    async def open(self) -> None:
        pass

    @override
    async def close(self) -> None:
        pass

    @override
    async def exchange(self, outgoing: WireMessage, *, deadline: datetime) -> WireAnswer | Receipt:
        return WireAnswer(body=self._authority.ask(outgoing.body).body)


def authority_for(settings: Settings) -> SimulatedAuthority:
    adapter = find_adapter("xmeld", settings)
    exchange = pick_exchange(adapter, "residents/search/v1")
    return create_authority(exchange, load_plan(), adapter.path / EXAMPLES, SystemClock())


@pytest.fixture
async def http(data_home: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    token = new_token()
    settings = load_settings(write_config(tmp_path, token, {"gateway": 8080, "authority": 8090}))
    authority = authority_for(settings)

    def make(channel: Channel, clock: Clock) -> Transport:
        return InProcess(authority)

    app = build(settings, make_transport=make).app
    headers = {
        "Authorization": f"Bearer {token.token}",
        "Content-Type": "application/json",
        "Recipient": "ags:16099001",
    }
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://g", headers=headers) as client,
    ):
        yield client


def search(family_name: str = "Quendel") -> dict[str, Any]:
    path = PROJECT / "schemas/residents/search/v1/request.example.json"
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    document["search"]["name"]["familyName"]["text"] = family_name
    return document


async def test_a_search_is_answered_and_leaves_its_message(http: httpx.AsyncClient) -> None:
    response = await http.post(PATH, json=search())
    assert (response.status_code, response.json()["outcome"]) == (200, "answered")
    path = f"/v1/messages/{response.headers['message-id']}"
    assert (await http.get(path)).json()["state"] == "answered"
    assert (await http.get(f"{path}/answer")).json() == response.json()
    events = [event["event"] for event in (await http.get(f"{path}/history")).json()]
    assert events == ["message.accepted", "delivery.started", "message.answered"]
    assert (await http.get(f"{path}/ledger")).json()["wire_answer"]["leftovers"] == []


async def test_a_rejection_is_an_answer(http: httpx.AsyncClient) -> None:
    response = await http.post(PATH, json=search("Abgelehnt"))
    assert (response.status_code, response.json()["outcome"]) == (200, "rejected")
    message = await http.get(f"/v1/messages/{response.headers['message-id']}")
    assert message.json()["outcome"] == "rejected"


async def test_an_unreadable_answer_is_a_problem_with_the_message(http: httpx.AsyncClient) -> None:
    response = await http.post(PATH, json=search("Unlesbar"))
    assert (response.status_code, response.json()["code"]) == (502, "answer-unreadable")
    assert response.json()["errors"]
    page = (await http.get("/v1/messages?state=invalid")).json()
    assert [one["id"] for one in page["messages"]] == [response.json()["messageId"]]


async def test_who_does_not_wait_finds_the_answer_later(http: httpx.AsyncClient) -> None:
    response = await http.post(PATH, json=search(), headers={"Prefer": "respond-async"})
    assert response.status_code == 202
    location = response.headers["location"]
    async with asyncio.timeout(10):
        while (await http.get(location)).json()["state"] != "answered":  # noqa: ASYNC110 - a caller polls
            await asyncio.sleep(0.01)
    assert (await http.get(f"{location}/answer")).json()["outcome"] == "answered"
    figures = (await http.get("/metrics")).text
    labels = 'operation="residents/search/v1",outcome="answered",state="answered"'
    assert f"agency_gateway_messages_total{{{labels}}} 1.0" in figures


async def test_a_check_leaves_no_message(http: httpx.AsyncClient) -> None:
    preview = (await http.post(f"{PATH}/check", json=search())).json()
    assert preview["channel"] == "tannau"
    assert "suchanfrage.1330" in preview["wire"]["text"]
    assert (await http.get("/v1/messages")).json()["messages"] == []


async def test_every_fault_is_placed_and_no_value_shown(http: httpx.AsyncClient) -> None:
    document = search("Geheim\u0007")
    document["officer"] = 12345678
    response = await http.post(PATH, json=document)
    assert response.status_code == 422
    pointers = {place.get("pointer") for place in response.json()["errors"]}
    assert "/officer" in pointers
    assert "12345678" not in response.text
    assert "Geheim" not in response.text


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1,"a":2}', b"\xff", b"[]"])
async def test_a_body_that_is_no_document_is_refused(http: httpx.AsyncClient, body: bytes) -> None:
    response = await http.post(PATH, content=body)
    assert response.status_code in (400, 422)
    assert (await http.get("/v1/messages")).json()["messages"] == []


async def test_another_authority_needs_a_grant(http: httpx.AsyncClient) -> None:
    response = await http.post(PATH, json=search(), headers={"Recipient": "ags:09162000"})
    assert (response.status_code, response.json()["code"]) == (403, "permission-denied")


async def test_a_repeated_call_gets_the_first_answer(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    first = await http.post(PATH, json=search(), headers=headers)
    second = await http.post(PATH, json=search(), headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert second.headers["message-id"] == first.headers["message-id"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    other = await http.post(PATH, json=search("Anders"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-mismatch")


async def test_repeats_of_an_unreadable_answer_say_so_again(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await http.post(PATH, json=search("Unlesbar"), headers=headers)
    second = await http.post(PATH, json=search("Unlesbar"), headers=headers)
    assert (second.status_code, second.json()["code"]) == (502, "answer-unreadable")
    assert second.json()["messageId"] == first.json()["messageId"]
    assert second.headers["idempotency-replayed"] == "true"


async def test_what_may_not_be_done_with_a_message_is_a_conflict(http: httpx.AsyncClient) -> None:
    response = await http.post(PATH, json=search())
    path = f"/v1/messages/{response.headers['message-id']}"
    for verb in ("cancel", "replay", "reread"):
        refused = await http.post(f"{path}/{verb}")
        assert (refused.status_code, refused.json()["code"]) == (409, "transition-conflict")
        assert (await http.post(f"/v1/messages/x/{verb}")).status_code == 404


async def test_refused_calls_are_listed_for_their_caller(http: httpx.AsyncClient) -> None:
    assert (await http.post(PATH, json=search() | {"Quendel": 1})).status_code == 422
    assert (await http.post(PATH, content=b"{}", headers={"Prefer": "wait=x"})).status_code == 400
    async with asyncio.timeout(10):
        page: list[dict[str, Any]] = []
        while len(page) < 2:
            page = (await http.get("/v1/messages?state=refused")).json()["refused"]
    header, document = page
    assert (header["code"], document["code"]) == ("header-invalid", "schema-violation")
    assert document["recipient"] == "ags:16099001"
    assert document["spots"] == [
        {"keyword": "unknown-property", "pointer": "", "wire": None, "rule": None}
    ]
    assert (await http.get("/v1/messages")).json()["messages"] == []
    for query in ("operation=residents/other", "authority=ags:1", "until=2020-01-01T00:00:00Z"):
        found = (await http.get(f"/v1/messages?state=refused&{query}")).json()
        assert (found["refused"], found["nextCursor"]) == ([], None)


async def test_refused_calls_and_states_are_not_listed_together(http: httpx.AsyncClient) -> None:
    response = await http.get("/v1/messages?state=refused&state=dead")
    assert (response.status_code, response.json()["code"]) == (400, "parameter-invalid")
