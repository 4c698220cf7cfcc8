"""Backups of a real gateway process while callers send, each restored and run."""

import asyncio
import contextlib
import os
import random
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from gateway.flow.fault_points import FaultPoint
from gateway.security.tokens import Token, new_token
from gateway.settings import load_settings
from tests.scenarios.crash.house import NOTICE, PROJECT, SEARCH, write_config
from tests.scenarios.crash.letters import ASYNC, Letter, Told, mix, send_all
from tests.scenarios.crash.looking import all_settled, look_at_all
from tests.scenarios.crash.nursery import Gateways
from tests.scenarios.crash.verdict import Seen, judge_letter, judge_message
from tests.scenarios.crash.watched import Authorities, authorities

START = "import sys; from gateway.cli.main import run; run(sys.argv[1:])"
BACKUPS = 4
NEVER = (FaultPoint.ACCEPT_BEFORE_COMMIT, 0)
CROWD = [Letter(operation=NOTICE, word="soon", prefer=ASYNC)] * 100
"""Sent at once, so that some wait and are on their way whenever a backup is taken."""


@dataclass(kw_only=True)
class Traffic:
    """Callers that send without a pause."""

    http: httpx.AsyncClient
    told: list[Told] = field(default_factory=list)
    going: bool = True

    async def send(self) -> None:
        rng = random.Random(7)  # noqa: S311 - for choosing letters
        while self.going:
            self.told += await send_all(self.http, [*mix(rng), *CROWD])

    def promised(self) -> list[Told]:
        """What callers were promised so far."""
        return [one for one in self.told if one.promised]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Authorities]:
    with authorities(tmp_path) as running:
        yield running


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A folder with the configuration of a gateway."""

    config: Path
    url: str

    @classmethod
    def made(cls, folder: Path, token: Token, watched: Authorities) -> "Place":
        folder.mkdir()
        urls = {"search_url": watched.urls[SEARCH], "notice_url": watched.urls[NOTICE]}
        config = write_config(folder, token, **urls)
        return cls(config=config, url=f"http://127.0.0.1:{load_settings(config).server.port}")


async def ran(*arguments: str) -> str:
    """Run a command in a process of its own; returns what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", START, *arguments, cwd=PROJECT, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == os.EX_OK, err.decode()
    return out.decode()


@pytest.mark.slow
async def test_each_backup_taken_under_traffic_holds_all_that_was_promised_and_runs(
    tmp_path: Path, watched: Authorities
) -> None:
    token = new_token()
    place = Place.made(tmp_path / "first", token, watched)
    bearer = {"Authorization": f"Bearer {token.token}"}
    kept: dict[Path, list[Told]] = {}
    client = {"headers": bearer, "trust_env": False, "timeout": 20}
    async with httpx.AsyncClient(base_url=place.url, **client) as http:  # type: ignore[arg-type]
        traffic = Traffic(http=http)
        with contextlib.closing(Gateways(place.config)) as processes:
            processes.await_ready()
            processes.start(*NEVER, url=place.url)
            async with asyncio.TaskGroup() as group:
                group.create_task(traffic.send())
                for number in range(BACKUPS):
                    await asyncio.sleep(0.2)
                    file = tmp_path / f"backup-{number}.tar.gz"
                    kept[file] = traffic.promised()
                    await ran("backup", str(file), "--config", str(place.config))
                traffic.going = False
            await all_settled(http)
    in_doubt = 0
    for number, (file, promised) in enumerate(kept.items()):
        assert promised or number == 0
        new = Place.made(tmp_path / f"new-{number}", token, watched)
        in_doubt += "in doubt" in await ran("restore", str(file), "--config", str(new.config))
        async with httpx.AsyncClient(base_url=new.url, **client) as http:  # type: ignore[arg-type]
            with contextlib.closing(Gateways(new.config)) as processes:
                processes.await_ready()
                processes.start(*NEVER, url=new.url)
                await judge_restored(http, promised, watched)
    assert in_doubt, "no backup was taken while a submission waited"
    sys.stdout.write(f"{len(traffic.told)} calls, backups knew {[len(p) for p in kept.values()]}\n")


async def judge_restored(
    http: httpx.AsyncClient, promised: list[Told], watched: Authorities
) -> None:
    """Nothing promised is missing, every message rests soundly, no submission came twice."""
    cases = await look_at_all(http, await all_settled(http))
    seen = watched.seen()
    for message_id, case in cases.items():
        came = seen.get(message_id, 0)
        # What left after the backup, the restored gateway knows nothing of.
        sent = min(came, len(case.attempts) if case.is_query else 1)
        assert list(judge_message(case, Seen(sent=[0.0] * sent, taken=came))) == []
        assert case.is_query or came <= 1, f"the submission {message_id} was sent twice"
    for told in promised:
        if told.status == httpx.codes.OK:
            assert list(judge_letter([told], cases, {})) == []
        else:
            assert told.message_id in cases, f"{told.message_id} is lost"
