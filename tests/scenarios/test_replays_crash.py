"""``kill -9`` in the middle of a replay of many: none is lost, none goes twice."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.flow.fault_points import FaultPoint
from gateway.messaging.lifecycle import State
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from tests.scenarios.crash.house import NOTICE, SEARCH, write_config
from tests.scenarios.crash.letters import Letter, send_all
from tests.scenarios.crash.looking import Case, all_settled, look_at
from tests.scenarios.crash.nursery import Gateways
from tests.scenarios.crash.watched import Authorities, authorities

MESSAGES = 8
"""Of each replay. The authority refuses each once, and takes it when it comes again."""

DEATHS = (
    (FaultPoint.STEP_BEFORE_COMMIT, 1),
    (FaultPoint.STEP_BEFORE_COMMIT, 7),
    (FaultPoint.STEP_AFTER_COMMIT, 2),
    (FaultPoint.STEP_AFTER_COMMIT, 9),
    (FaultPoint.PUMP_AFTER_LEASE, 1),
    (FaultPoint.DELIVER_BEFORE_EXCHANGE, 3),
    (FaultPoint.DELIVER_AFTER_ANSWER, 2),
)
"""Where the gateways die: while a message is moved, while it is delivered, in between."""

LIMIT_SECONDS = 20.0


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Authorities]:
    with authorities(tmp_path) as running:
        yield running


@pytest.mark.slow
async def test_a_replay_that_is_killed_goes_on_where_it_was(
    tmp_path: Path, watched: Authorities
) -> None:
    token = new_token()
    urls = {"search_url": watched.urls[SEARCH], "notice_url": watched.urls[NOTICE]}
    config = write_config(tmp_path, token, **urls)
    url = f"http://127.0.0.1:{load_settings(config).server.port}"
    bearer = {"Authorization": f"Bearer {token.token}"}
    states: Counter[State] = Counter()
    async with httpx.AsyncClient(base_url=url, headers=bearer, trust_env=False, timeout=20) as http:
        with contextlib.closing(Gateways(config)) as processes:
            processes.await_ready()
            for point, nth in DEATHS:
                processes.start(point, nth, url=url)
                dead = await refused(http)
                processes.arm()
                replay_id = await begin(http)
                assert await asyncio.to_thread(processes.has_ended, LIMIT_SECONDS)
                processes.start(FaultPoint.ACCEPT_BEFORE_COMMIT, 0, url=url)
                replay = await done(http, replay_id)
                assert (replay["moved"], replay["chosen"]) == (MESSAGES, MESSAGES)
                messages = {one["id"]: one for one in await all_settled(http)}
                for message_id in dead:
                    case = await look_at(http, messages[message_id])
                    judge(case, replay_id, watched.seen()[message_id])
                    states[case.state] += 1
                processes.kill()
    assert states.keys() <= {State.ANSWERED, State.IN_DOUBT}
    assert states[State.ANSWERED] > states[State.IN_DOUBT]


def judge(case: Case, replay_id: str, seen: int) -> None:
    """It was replayed once, and the authority saw it once more at most."""
    replays = [event for event in case.history if event.event == "message.replayed"]
    assert [event.detail for event in replays] == [
        f"Replay {replay_id}, asked for by {case.message['caller']}."
    ]
    assert len(case.attempts) == 2
    assert seen <= 2
    assert case.state is not State.ANSWERED or seen == 2


async def refused(http: httpx.AsyncClient) -> set[str]:
    """Send notices that the authority refuses for now."""
    told = await send_all(http, [Letter(operation=NOTICE, word="later")] * MESSAGES)
    assert {one.status for one in told} == {502}
    return {one.message_id for one in told if one.message_id is not None}


async def begin(http: httpx.AsyncClient) -> str:
    """Have all of them replayed; the gateway may die before it answers."""
    order = {"dryRun": False, "ratePerSecond": None, "operation": NOTICE.partition("/v")[0]}
    response = await http.post("/v1/messages/replay", json=order)
    assert response.status_code == httpx.codes.ACCEPTED
    return str(response.json()["id"])


async def done(http: httpx.AsyncClient, replay_id: str) -> Mapping[str, Any]:
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            found = (await http.get(f"/v1/replays/{replay_id}")).json()
            if found["state"] != "running":
                return dict(found)
            await asyncio.sleep(0.02)
