"""One run: callers send while things go wrong, then everything rests and is looked at."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import httpx

from gateway.messaging.lifecycle import MOVING, State
from gateway.security.tokens import new_token
from tests.scenarios.crash.crowd import Crowd
from tests.scenarios.crash.evidence import Evidence
from tests.scenarios.crash.faults import EMBEDDED, LONGEST_SECONDS, SERVED, schedule
from tests.scenarios.crash.looking import all_settled, everything, look_at_all
from tests.scenarios.crash.sightings import read_sightings
from tests.scenarios.crash.storm import Storm
from tests.scenarios.crash.town import Kind, town
from tests.scenarios.crash.verdict import Times

USUAL_SECONDS = 15.0
SETTLE_LIMIT_SECONDS = 60.0
LETTERS_A_REPEAT = 3
"""One letter of so many is sent once more in the end."""

LETTERS_A_BLOW = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a run does.

    Attributes:
        seed: What everything is drawn from.
        letters: How many calls are made, repeats not counted.
        store: What messages are kept in.
        gateways: How many gateways there are; on SQLite one.
        at_a_time: How many callers there are.
        blows: How often something goes wrong; None: once for ``LETTERS_A_BLOW`` letters.
        longest_seconds: How long one thing goes wrong at most.
    """

    seed: int
    letters: int
    store: Kind = Kind.SQLITE
    gateways: int = 1
    at_a_time: int = 24
    blows: int | None = None
    longest_seconds: float = LONGEST_SECONDS


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What came of a run: the evidence, and figures for people by their names."""

    evidence: Evidence
    figures: Mapping[str, object]


async def run(plan: Plan, folder: Path) -> Ran:
    """Carry a run out.

    Args:
        plan: What it does.
        folder: For everything that it writes; must exist.
    """
    token = new_token()
    blows = schedule(
        random.Random(plan.seed),  # noqa: S311 - for choosing tests
        EMBEDDED if plan.store is Kind.SQLITE else SERVED,
        letters=plan.letters,
        blows=plan.letters // LETTERS_A_BLOW if plan.blows is None else plan.blows,
        targets=plan.gateways,
        longest_seconds=plan.longest_seconds,
    )
    bearer = {"Authorization": f"Bearer {token.token}"}
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        town(folder, token, store=plan.store, gateways=plan.gateways) as made,
        aiohttp.ClientSession(headers=bearer, connector=connector) as session,
        httpx.AsyncClient(
            base_url=made.urls[0], headers=bearer, trust_env=False, timeout=20
        ) as http,
    ):
        storm = Storm(made, blows)
        crowd = Crowd(session=session, urls=made.urls, seed=plan.seed)
        began = time.monotonic()
        await storm.raise_gateways()
        started = time.monotonic()
        await _send(plan, storm, crowd)
        sent = time.monotonic()
        slow = await _rest(plan, storm, crowd, http)
        rested = time.monotonic()
        slow += await _settle(http)
        cases = await look_at_all(http, [message async for message in everything(http)])
    evidence = Evidence(
        told=crowd.told,
        cases=cases,
        sightings=read_sightings(made.record),
        sent=made.sent,
        times=Times(paused=made.paused),
    )
    figures = {
        "seconds to start": round(started - began, 1),
        "seconds of storm": round(sent - started, 1),
        "seconds to rest": round(rested - sent, 1),
        "seconds to look": round(time.monotonic() - rested, 1),
        "faults": {str(fault): count for fault, count in sorted(storm.struck.items())},
        "deaths at": {str(point): count for point, count in storm.deaths.items()},
        "failed starts": made.failed_starts.total(),
        **_counted(evidence),
        "hung up": crowd.hung_up,
        "slow to rest": "; ".join(slow) or "none",
    }
    return Ran(evidence=evidence, figures=figures)


async def _send(plan: Plan, storm: Storm, crowd: Crowd) -> None:
    """Let callers send, and everything go wrong that is planned."""
    async with asyncio.TaskGroup() as group:
        await crowd.send(
            plan.letters,
            at_a_time=plan.at_a_time,
            begins=lambda number: storm.begins(number, group),
        )


async def _rest(plan: Plan, storm: Storm, crowd: Crowd, http: httpx.AsyncClient) -> list[str]:
    """Let everything settle, repeat calls, and see that another death changes nothing.

    Returns:
        What took long to settle, for people.
    """
    slow = await _settle(http)
    await crowd.repeat(range(0, plan.letters, LETTERS_A_REPEAT), at_a_time=plan.at_a_time)
    slow += await _settle(http)
    await storm.kill_gateways()
    return slow


async def _settle(http: httpx.AsyncClient) -> list[str]:
    """Wait until nothing moves; what still does after a long time is found later.

    Returns:
        What took long, for people.
    """
    with contextlib.suppress(TimeoutError):
        await all_settled(http, USUAL_SECONDS)
        return []
    slow = [message async for message in everything(http) if State(message["state"]) in MOVING]
    with contextlib.suppress(TimeoutError):
        await all_settled(http, SETTLE_LIMIT_SECONDS)
    return [f"{one['id']} was {one['state']}, {one['code']}" for one in slow]


def _counted(evidence: Evidence) -> dict[str, object]:
    told = [one for several in evidence.told.values() for one in several]
    return {
        "letters": len(evidence.told),
        "calls": len(told),
        "calls by status": dict(Counter(one.status for one in told)),
        "problems": dict(Counter(one.code for one in told if one.code)),
        "messages": len(evidence.cases),
        "messages by state": dict(Counter(str(one.state) for one in evidence.cases.values())),
        "attempts": sum(len(one.attempts) for one in evidence.cases.values()),
        "left the gateway": sum(len(times) for times in evidence.sent.values()),
        "taken": sum(one.taken for one in evidence.sightings),
        "turned away": sum(not one.taken for one in evidence.sightings),
    }
