"""``kill -9`` of a real gateway process at every step of the journey, in seeded random runs.

Two simulated authorities outlive all of them and count what they saw. ``CRASH_SEED`` sets the seed.
"""

import asyncio
import contextlib
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.flow.fault_points import FaultPoint
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from tests.scenarios.crash.evidence import Evidence
from tests.scenarios.crash.house import NOTICE, SEARCH, write_config
from tests.scenarios.crash.letters import HOPELESS, Told, mix, send_all
from tests.scenarios.crash.looking import Case, all_settled, look_at_all
from tests.scenarios.crash.nursery import Gateways
from tests.scenarios.crash.watched import Authorities, authorities

RUNS = 34
RELAPSES = 8
"""Runs after which the next gateway dies while it recovers."""

HOPELESS_RUNS = 4
"""Runs in which callers are told of failures before the gateway dies."""

DEATH_SECONDS = 2.0
TIMES_EACH = 3
OFTEN = 6
EARLY = (
    FaultPoint.PUMP_AFTER_LEASE,
    FaultPoint.STEP_BEFORE_COMMIT,
    FaultPoint.STEP_AFTER_COMMIT,
    FaultPoint.DELIVER_BEFORE_EXCHANGE,
)
"""Points that a gateway comes to when it finds interrupted messages."""

RARE = {FaultPoint.DELIVER_AFTER_FAILURE: 2, FaultPoint.PUMP_AFTER_LEASE: 2}
"""Hits that are certain to come with the letters of one run; all other points: ``OFTEN``."""


@dataclass(kw_only=True)
class Street:
    """The way to the gateway, the authorities, and all that callers were told so far."""

    http: httpx.AsyncClient
    watched: Authorities
    told: list[Told] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    deaths: Counter[FaultPoint] = field(default_factory=Counter)
    relapses: int = 0

    async def disappoint(self) -> None:
        """Send letters that come to nothing, and hear so."""
        told = await send_all(self.http, HOPELESS)
        assert [one.status for one in told] == [504, 502, 502, 202]
        self.told += told

    async def let_die(self, processes: Gateways, point: FaultPoint, rng: random.Random) -> None:
        """Send letters until the gateway dies at the point, or kill it when it rests."""
        processes.arm()
        self.told += await send_all(self.http, mix(rng))
        if await asyncio.to_thread(processes.has_ended, DEATH_SECONDS):
            self.deaths[point] += 1
        else:
            processes.kill()

    async def look(self) -> None:
        """Look at every message that came to rest since the last time."""
        new = [one for one in await all_settled(self.http) if one["id"] not in self.cases]
        self.cases |= await look_at_all(self.http, new)

    def judge(self) -> None:
        """Every promise held, for every message and every caller."""
        sightings = self.watched.sightings()
        sent: defaultdict[str, list[float]] = defaultdict(list)
        for one in sightings:
            sent[one.message_id].append(one.at)
        evidence = Evidence(
            told={number: [told] for number, told in enumerate(self.told)},
            cases=self.cases,
            sightings=sightings,
            sent=sent,
        )
        assert evidence.findings() == []


def plan(rng: random.Random) -> list[tuple[FaultPoint, int]]:
    """Where each run's gateway dies: every point often enough, then any."""
    points = [*FaultPoint] * TIMES_EACH
    points += rng.choices(list(FaultPoint), k=RUNS - len(points))
    rng.shuffle(points)
    return [(point, rng.randint(1, RARE.get(point, OFTEN))) for point in points]


@pytest.fixture
def rng() -> random.Random:
    seed = int(os.environ.get("CRASH_SEED", "20261123"))
    sys.stdout.write(f"CRASH_SEED={seed}\n")
    return random.Random(seed)  # noqa: S311 - for choosing tests


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Authorities]:
    with authorities(tmp_path) as running:
        yield running


@pytest.mark.slow
async def test_nothing_accepted_is_lost_and_no_submission_sent_twice_by_kill_9(
    tmp_path: Path, rng: random.Random, watched: Authorities
) -> None:
    token = new_token()
    urls = {"search_url": watched.urls[SEARCH], "notice_url": watched.urls[NOTICE]}
    config = write_config(tmp_path, token, **urls)
    url = f"http://127.0.0.1:{load_settings(config).server.port}"
    bearer = {"Authorization": f"Bearer {token.token}"}
    async with httpx.AsyncClient(base_url=url, headers=bearer, trust_env=False, timeout=20) as http:
        street = Street(http=http, watched=watched)
        with contextlib.closing(Gateways(config)) as processes:
            processes.await_ready()
            for run, (point, nth) in enumerate(plan(rng)):
                processes.start(point, nth, url=url)
                await street.look()
                street.judge()
                if run < HOPELESS_RUNS:
                    await street.disappoint()
                await street.let_die(processes, point, rng)
                if run % (RUNS // RELAPSES) == 0:
                    street.relapses += processes.start_and_die(rng.choice(EARLY), url=url)
            processes.start(FaultPoint.ACCEPT_BEFORE_COMMIT, 0, url=url)
            await street.look()
            street.judge()
            before = watched.seen()
            street.cases.clear()
            await street.look()
            street.judge()
            assert watched.seen() == before
    summary(street)
    assert all(street.deaths[point] >= TIMES_EACH for point in FaultPoint)
    assert street.deaths.total() >= 30
    assert street.relapses >= RELAPSES // 2


def summary(street: Street) -> None:
    """Show what happened, for whoever looks at the run."""
    statuses = Counter(told.status for told in street.told)
    counted: Mapping[str, Any] = {
        "deaths": {str(point): count for point, count in street.deaths.items()},
        "relapses": street.relapses,
        "statuses": dict(statuses),
        "messages": len(street.cases),
    }
    sys.stdout.write(f"{counted}\n")
