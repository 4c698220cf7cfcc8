"""``agency-gateway retention``: what is kept, what is due, and erasing it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.bootstrap import SystemClock
from gateway.messaging.message import Message, StageKind
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from gateway.store.sqlite import SqliteStore
from tests.gateway.cli.conftest import Command
from tests.gateway.store.conformance_retention import settled

SHORT = '[[retention]]\noperation = "residents/search/v1"\npayload = "PT2H"\nkey = "PT1H"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.toml"
    path.write_text(f'[store]\npath = "messages.db"\n\n{SHORT}', "utf-8")
    return path


@pytest.fixture
def database(config: Path) -> Path:
    return config.with_name("messages.db")


async def filled(database: Path) -> list[Message]:
    """Messages that settled three hours and just now."""
    store = SqliteStore(database)
    await store.open()
    now = SystemClock().now()
    messages = [await settled(store, now - timedelta(hours=hours)) for hours in (3, 0)]
    await store.close()
    return messages


async def kept(database: Path, messages: list[Message]) -> list[bool]:
    store = SqliteStore(database)
    await store.open()
    found = [await store.stage(one.id, StageKind.WIRE_REQUEST) for one in messages]
    await store.close()
    return [stage is not None for stage in found]


def test_periods_in_force_are_shown(command: Command, config: Path) -> None:
    shown = command("retention", "show", "--config", str(config))
    assert shown.code == 0
    row = shown.out.splitlines()[-1]
    assert row.split() == ["residents/search/v1", "1", "h", "2", "h", "90", "d", "730", "d"]


def test_a_dry_run_says_what_a_run_erases(command: Command, config: Path, database: Path) -> None:
    messages = asyncio.run(filled(database))
    said = command("retention", "run", "--dry-run", "--config", str(config))
    rows = {tuple(line.split()[:2]): line.split()[-1] for line in said.out.splitlines()[1:]}
    assert rows["residents/search/v1", "payload"] == "1"
    assert rows["residents/search/v1", "key"] == "1"
    assert asyncio.run(kept(database, messages)) == [True, True]
    done = command("retention", "run", "--config", str(config))
    assert (done.code, done.out.split(".")[0]) == (0, "Erased: 2")
    assert asyncio.run(kept(database, messages)) == [False, True]


def test_a_gateway_that_runs_erases_by_itself(
    command: Command, config: Path, database: Path
) -> None:
    async def with_gateway() -> tuple[int, int]:
        store = SqliteStore(database)
        await store.open()
        try:
            run = await asyncio.to_thread(command, "retention", "run", "--config", str(config))
            look = await asyncio.to_thread(
                command, "retention", "run", "--dry-run", "--config", str(config)
            )
            return run.code, look.code
        finally:
            await store.close()

    assert asyncio.run(with_gateway()) == (78, 0)


def test_without_a_database_there_is_nothing_to_look_at(command: Command, config: Path) -> None:
    assert command("retention", "run", "--dry-run", "--config", str(config)).code == 75


def test_a_server_is_asked_the_same(command: Command, tmp_path: Path, postgres_url: str) -> None:
    path = tmp_path / "server.toml"
    path.write_text(f'[store]\nurl = "{postgres_url}"\n\n{SHORT}', "utf-8")

    async def fill() -> None:
        store = PostgresStore(Source(url=postgres_url))
        await store.open()
        await settled(store, SystemClock().now() - timedelta(hours=3))
        await store.close()

    asyncio.run(fill())
    look = ("retention", "run", "--dry-run", "--config", str(path))
    assert command(*look).out.splitlines()[2].split()[-1] == "1"
    assert command("retention", "run", "--config", str(path)).out == "Erased: 2.\n"
    assert [line.split()[-1] for line in command(*look).out.splitlines()[1:]] == ["0"]
