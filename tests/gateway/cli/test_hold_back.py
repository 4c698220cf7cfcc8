"""``agency-gateway hold-back``, on a database as ``pg_restore`` leaves it."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.cli.demo import free_port, write_config
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.security.tokens import new_token
from gateway.store.postgres.database import Source
from gateway.store.postgres.line import Rhythm
from gateway.store.postgres.store import PostgresStore
from tests.gateway.cli.conftest import Command
from tests.gateway.store.samples import a_message, a_waiting_message, stored
from tests.postgres_server import execute

QUICK = Rhythm(heartbeat=timedelta(seconds=0.1), dead_after=timedelta(seconds=0.5))
Work = Callable[[PostgresStore], Coroutine[None, None, list[Message | None]]]


@pytest.fixture
def config(tmp_path: Path, postgres_url: str) -> Path:
    path = write_config(tmp_path, new_token(), {"gateway": free_port(0), "authority": 1})
    text = path.read_text("utf-8").replace(
        'path = "messages.sqlite3"', f'url = "{postgres_url}"\nheartbeat = 0.1\ndead_after = 0.5'
    )
    path.write_text(text, "utf-8")
    return path


def with_store(url: str, work: Work) -> list[Message | None]:
    async def run() -> list[Message | None]:
        store = PostgresStore(Source(url=url), QUICK)
        await store.open()
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


def test_what_may_have_been_sent_since_rests_in_doubt(
    command: Command, config: Path, postgres_url: str
) -> None:
    async def store_some(store: PostgresStore) -> list[Message | None]:
        return [
            await stored(store, a_message(repeatable=False)),
            await stored(store, a_waiting_message(repeatable=False)),
            await stored(store, a_message()),
        ]

    before = with_store(postgres_url, store_some)
    # A gateway ran when the backup was taken, so its row is in it.
    asyncio.run(execute(postgres_url, "INSERT INTO processes (id, beats) VALUES (7, 99)"))
    done = command("hold-back", "--config", str(config))
    assert done.code == 0
    assert done.out.startswith("2 messages may have been sent since")

    async def look(store: PostgresStore) -> list[Message | None]:
        return [await store.get(one.id) for one in before if one is not None]

    after = with_store(postgres_url, look)
    assert [one.state for one in after if one is not None] == [
        State.IN_DOUBT,
        State.IN_DOUBT,
        State.ACCEPTED,
    ]


def test_nothing_is_held_back_while_a_gateway_runs(
    command: Command, config: Path, postgres_url: str
) -> None:
    async def hold(store: PostgresStore) -> list[Message | None]:
        message = await stored(store, a_message(repeatable=False))
        refused = await asyncio.to_thread(command, "hold-back", "--config", str(config))
        assert refused.code == 65
        assert "Stop them first" in refused.err
        return [await store.get(message.id)]

    (after,) = with_store(postgres_url, hold)
    assert after is not None
    assert after.state is State.ACCEPTED


def test_a_file_is_restored_otherwise(command: Command, tmp_path: Path) -> None:
    path = write_config(tmp_path, new_token(), {"gateway": free_port(0), "authority": 1})
    refused = command("hold-back", "--config", str(path))
    assert refused.code == 65
    assert "agency-gateway restore" in refused.err
