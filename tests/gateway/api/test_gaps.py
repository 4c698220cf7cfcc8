"""Gaps of a channel, over a real store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from gateway.api.gaps import GapRoutes
from gateway.messaging.lifecycle import State
from gateway.store.sqlite import SqliteStore
from tests.gateway.api.conftest import AUTHORIZED, PORTAL, ScriptedDesk
from tests.gateway.flow.world import World
from tests.gateway.store.conformance_sequences import FILE, seen, terms
from tests.gateway.store.samples import a_message, a_step


@pytest.fixture
async def store(desk: ScriptedDesk, tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "messages.db")
    desk.store = store
    await store.open()
    yield store
    await store.close()


async def test_gaps_of_both_directions_are_told(
    client: httpx.AsyncClient, store: SqliteStore
) -> None:
    await seen(store, 1)
    await seen(store, 4)
    for caller in (PORTAL.name, "another"):
        message = a_message(caller=caller)
        await store.accept(message, [], [], terms=terms(FILE))
        await store.advance(a_step(message, State.CANCELLED))
    document = (await client.get("/v1/channels/munich/gaps", headers=AUTHORIZED)).json()
    (missing,), (unsent,) = document["missing"], document["unsent"]
    assert (missing["sequence"], missing["first"], missing["last"]) == ("long", 2, 3)
    assert (unsent["sequence"], unsent["number"], unsent["state"]) == ("file", 1, "cancelled")
    assert set(missing) == {"sequence", "first", "last", "noticedAt"}


async def test_an_operator_sees_the_numbers_of_all_callers(
    desk: ScriptedDesk, store: SqliteStore
) -> None:
    desk.directory = replace(desk.directory, lanes={"munich": World().lane})
    message = a_message(caller="another")
    await store.accept(message, [], [], terms=terms(FILE))
    await store.advance(a_step(message, State.CANCELLED))
    for operator, seen_by in ((False, 0), (True, 1)):
        routes = GapRoutes(desk)
        found = await routes.gaps(replace(PORTAL, operator=operator), "munich")
        assert len(found.unsent) == seen_by


async def test_a_channel_without_gaps_has_none(
    client: httpx.AsyncClient, desk: ScriptedDesk, store: SqliteStore
) -> None:
    desk.directory = replace(desk.directory, lanes={"main": World().lane})
    document = (await client.get("/v1/channels/main/gaps", headers=AUTHORIZED)).json()
    assert document == {"missing": [], "unsent": []}


async def test_a_channel_that_nobody_knows_is_not_one_without_gaps(
    client: httpx.AsyncClient, store: SqliteStore
) -> None:
    answer = await client.get("/v1/channels/none/gaps", headers=AUTHORIZED)
    assert (answer.status_code, answer.json()["code"]) == (404, "channel-unknown")


async def test_nobody_looks_without_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/channels/munich/gaps")).status_code == 401
