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
from tests.scenarios.crash.house import NOTICE, PROJECT, SEARCH, Nursery, write_config
from tests.scenarios.crash.letters import ASYNC, Letter, Told, mix, send_all
from tests.scenarios.crash.verdict import all_settled, judge, judge_promise, look_at
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
def watched() -> Iterator[Authorities]:
    with authorities() as running:
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
        with contextlib.closing(Nursery(place.config)) as processes:
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
            with contextlib.closing(Nursery(new.config)) as processes:
                processes.start(*NEVER, url=new.url)
                await judge_restored(http, promised, watched)
    assert in_doubt, "no backup was taken while a submission waited"
    sys.stdout.write(f"{len(traffic.told)} calls, backups knew {[len(p) for p in kept.values()]}\n")


async def judge_restored(
    http: httpx.AsyncClient, promised: list[Told], watched: Authorities
) -> None:
    """Nothing promised is missing, every message rests soundly, no submission came twice."""
    messages = {message["id"]: message for message in await all_settled(http)}
    cases = {message_id: await look_at(http, one) for message_id, one in messages.items()}
    seen = watched.seen()
    for message_id, case in cases.items():
        again = 0 if case.message["kind"] == "submission" else len(case.attempts)
        # What left after the backup, the restored gateway knows nothing of.
        judge(case, min(seen.get(message_id, 0), again or 1))
        if case.message["kind"] == "submission":
            assert seen.get(message_id, 0) <= 1, f"the submission {message_id} was sent twice"
    for told in promised:
        if told.status == httpx.codes.OK:
            await judge_promise(http, told, cases.get(told.message_id or ""))
        else:
            assert told.message_id in cases, f"{told.message_id} is lost"
