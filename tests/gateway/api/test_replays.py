"""Replays of many by the API, on a real desk and store."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.messaging.ports import WireAnswer
from tests.gateway.api.letter_app import LetterApp, running
from tests.gateway.flow.letter_world import LetterWorld, settled
from tests.gateway.flow.world import answer, ask_for

FAST = {"dryRun": False, "ratePerSecond": None}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[LetterApp]:
    async with running(LetterWorld(tmp_path / "messages.db")) as app:
        yield app


async def ended(app: LetterApp, path: str) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while True:
            replay: dict[str, Any] = (await app.http.get(path)).json()
            if replay["state"] != "running":
                return replay
            await asyncio.sleep(0.005)


async def test_nothing_is_done_unless_it_is_said_to_be(app: LetterApp) -> None:
    messages = await app.dead(2)
    plan = (await app.http.post("/v1/messages/replay", json={})).json()
    assert plan == {
        "dryRun": True,
        "digest": plan["digest"],
        "chosen": 2,
        "hasMore": False,
        "first": [message.id for message in messages],
    }
    assert (await app.http.get("/v1/replays")).json() == []


async def test_what_the_dry_run_showed_is_replayed(app: LetterApp) -> None:
    messages = await app.dead(2)
    query = {"state": ["dead"], "operation": "residents/report", "channel": "main"}
    plan = (await app.http.post("/v1/messages/replay", json=query)).json()
    app.world.replies(answer())
    order = {**query, **FAST, "digest": plan["digest"]}
    begun = await app.http.post("/v1/messages/replay", json=order)
    assert begun.status_code == 202
    assert begun.json()["ratePerSecond"] is None
    assert begun.headers["location"] == f"/v1/replays/{begun.json()['id']}"
    done = await ended(app, begun.headers["location"])
    counted = {name: done[name] for name in ("chosen", "handled", "moved", "skipped", "refused")}
    assert counted == {"chosen": 2, "handled": 2, "moved": 2, "skipped": 0, "refused": 0}
    assert done["nextAt"] is None
    for message in messages:
        assert (await settled(app.desk, message.id)).state == "answered"
    assert (await app.http.get("/v1/replays?limit=1")).json() == [done]

    stale = await app.http.post("/v1/messages/replay", json=order)
    assert (stale.status_code, stale.json()["code"]) == (409, "selection-changed")


async def test_a_replay_is_stopped(app: LetterApp) -> None:
    first, second = await app.dead(2)
    order = {"dryRun": False, "ratePerSecond": 0.001, "ids": [first.id, second.id]}
    begun = await app.http.post("/v1/messages/replay", json=order)
    assert begun.json()["ratePerSecond"] == 0.001
    path = begun.headers["location"]
    stopped = (await app.http.post(f"{path}/stop")).json()
    assert (stopped["state"], stopped["chosen"]) == ("stopped", 2)
    assert await app.desk.store.get(second.id) == second


async def test_messages_that_were_not_moved_are_listed(app: LetterApp) -> None:
    app.world.replies(WireAnswer(body=b"?"))
    messages = [(await app.desk.ask(ask_for())).message for _ in range(2)]
    plan = (await app.http.post("/v1/messages/reread", json={})).json()
    assert plan["chosen"] == 2
    begun = await app.http.post("/v1/messages/reread", json=FAST)
    done = await ended(app, begun.headers["location"])
    assert (done["verb"], done["refused"]) == ("reread", 2)
    path = f"{begun.headers['location']}/left"
    left = (await app.http.get(path)).json()
    assert sorted(one["messageId"] for one in left) == sorted(one.id for one in messages)
    assert {(one["result"], one["code"]) for one in left} == {("refused", "answer-unreadable")}
    rest = (await app.http.get(f"{path}?after={left[0]['position']}&limit=1")).json()
    assert rest == left[1:]
    assert len(app.world.authority.got) == 2


@pytest.mark.parametrize("name", ["mode", "notTaken"])
async def test_reading_again_has_no_modes(app: LetterApp, name: str) -> None:
    response = await app.http.post("/v1/messages/reread", json={name: "x"})
    assert response.status_code == 400


async def test_unknown_replays_are_said_to_be(app: LetterApp) -> None:
    for method, path in (("GET", ""), ("GET", "/left"), ("POST", "/stop")):
        response = await app.http.request(method, f"/v1/replays/none{path}")
        assert (response.status_code, response.json()["code"]) == (404, "replay-unknown")
