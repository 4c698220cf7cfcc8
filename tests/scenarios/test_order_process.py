"""``kill -9`` of gateways that keep an order and count: nothing overtakes, no gap, no repeat.

Real gateway processes on a real store, an authority that refuses, drops and dawdles, and callers
that repeat what they were not told of. ``CRASH_SEED`` sets the seed.
"""

import asyncio
import contextlib
import os
import random
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.flow.fault_points import FaultPoint
from gateway.messaging.lifecycle import MOVING
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from tests.scenarios.amendments.house import (
    CHANNEL,
    RECIPIENT,
    Remembering,
    registry,
    write_config,
)
from tests.scenarios.crash.nursery import Gateways

RUNS = 10
PERSONS = ("Ada", "Bob", "Eve", "Kim")
CHANGES_EACH = 3
SETTLE_LIMIT_SECONDS = 30.0
OFTEN = 8
"""Hits of a fault point that are certain to come with the calls of one run, or the run ends."""


@dataclass(kw_only=True)
class Reporter:
    """Reports the changes of one person, one after the other, each until it is accepted."""

    http: httpx.AsyncClient
    person: str
    change: int = 1
    key: str = field(default_factory=lambda: str(uuid4()))

    async def report(self, times: int) -> None:
        """Report so many changes, or as many as can be before the gateway dies."""
        for _ in range(times):
            if not await self._report():
                return

    async def _report(self) -> bool:
        headers = {"Recipient": RECIPIENT, "Idempotency-Key": self.key, "Prefer": "respond-async"}
        document = {"person": self.person, "change": self.change}
        try:
            told = await self.http.post("/v1/testing/amendment", json=document, headers=headers)
        except httpx.TransportError:
            return False  # nobody knows; the same call is made again
        assert told.status_code in (200, 202), told.text
        self.change += 1
        self.key = str(uuid4())
        return True


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    """Settings of a store."""
    if request.param == "sqlite":
        return 'path = "messages.sqlite3"'
    url: str = request.getfixturevalue("postgres_url")
    return f'url = "{url}"'


@pytest.fixture
def rng() -> random.Random:
    seed = int(os.environ.get("CRASH_SEED", "20261125"))
    sys.stdout.write(f"CRASH_SEED={seed}\n")
    return random.Random(seed)  # noqa: S311 - for choosing tests


@pytest.mark.slow
async def test_no_amendment_overtakes_and_no_number_is_lost_by_kill_9(
    tmp_path: Path, store: str, rng: random.Random
) -> None:
    token = new_token()
    with registry() as (authority, address):
        config = write_config(tmp_path, token, url=address, store=store)
        url = f"http://127.0.0.1:{load_settings(config).server.port}"
        bearer = {"Authorization": f"Bearer {token.token}"}
        async with httpx.AsyncClient(
            base_url=url, headers=bearer, trust_env=False, timeout=20
        ) as http:
            reporters = [Reporter(http=http, person=person) for person in PERSONS]
            with contextlib.closing(Gateways(config)) as gateways:
                gateways.await_ready()
                deaths = 0
                for _ in range(RUNS):
                    point = rng.choice(list(FaultPoint))
                    gateways.start(point, rng.randint(1, OFTEN), url=url)
                    deaths += await let_die(gateways, reporters)
                gateways.start(FaultPoint.ACCEPT_BEFORE_COMMIT, 0, url=url)
                messages = await all_settled(http)
                gaps = (await http.get(f"/v1/channels/{CHANNEL}/gaps")).json()
                answered = [await answer_of(http, one) for one in messages]
    sys.stdout.write(f"deaths {deaths}, messages {len(messages)}\n")
    assert deaths >= RUNS // 2
    judge_order(authority, reporters)
    judge_numbers(authority, messages)
    judge_gaps(authority, gaps, answered)


async def let_die(gateways: Gateways, reporters: list[Reporter]) -> bool:
    """Report changes until the gateway dies, or kill it when it rests; whether it died."""
    gateways.arm()
    async with asyncio.TaskGroup() as group:
        for one in reporters:
            group.create_task(one.report(CHANGES_EACH))
    for _ in range(100):
        if gateways.has_ended():
            return True
        await asyncio.sleep(0.01)
    gateways.kill()
    return False


async def all_settled(http: httpx.AsyncClient) -> list[Mapping[str, Any]]:
    """Wait until nothing moves; returns every message."""
    moving = "&".join(f"state={state}" for state in MOVING)
    async with asyncio.timeout(SETTLE_LIMIT_SECONDS):
        while (await http.get(f"/v1/messages?limit=1&{moving}")).json()["messages"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    page = (await http.get("/v1/messages", params={"limit": 500})).json()
    assert page["nextCursor"] is None
    found: list[Mapping[str, Any]] = page["messages"]
    assert {one["state"] for one in found} == {"answered"}
    assert all(one["blockedBy"] is None for one in found)
    return found


async def answer_of(http: httpx.AsyncClient, message: Mapping[str, Any]) -> int:
    """The sequence number of its answer."""
    answer = (await http.get(f"/v1/messages/{message['id']}/answer")).json()
    number: int = answer["sequence"]
    return number


def judge_order(authority: Remembering, reporters: list[Reporter]) -> None:
    """Every change arrived, repeats beside each other, and none after a later one."""
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for sighting in authority.sightings:
        seen[sighting.person].append(sighting.change)
    for reporter in reporters:
        changes = seen[reporter.person]
        assert changes == sorted(changes), f"{reporter.person}: {changes}"
        # The last one may have been accepted without its caller being told.
        last = reporter.change - 1
        assert sorted(set(changes)) in (list(range(1, last + 1)), list(range(1, last + 2)))


def judge_numbers(authority: Remembering, messages: list[Mapping[str, Any]]) -> None:
    """Each message has a number of its own, and together they leave none out."""
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for sighting in authority.sightings:
        numbers[sighting.message_id].add(sighting.sequence)
    assert numbers.keys() == {one["id"] for one in messages}
    assert all(len(several) == 1 for several in numbers.values()), "a repeat had another number"
    given = sorted(number for several in numbers.values() for number in several)
    assert given == list(range(1, len(messages) + 1))


def judge_gaps(authority: Remembering, gaps: Mapping[str, Any], answered: list[int]) -> None:
    """What is listed as missing is what was answered and never arrived."""
    assert gaps["unsent"] == []
    missing = {number for gap in gaps["missing"] for number in range(gap["first"], gap["last"] + 1)}
    assert len(set(answered)) == len(answered)
    assert missing.isdisjoint(answered)
    assert missing | set(answered) <= set(range(1, authority.answers + 1))
