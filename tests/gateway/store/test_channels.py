"""Channels as rows, and what the database itself refuses."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from gateway.messaging.breaker import BreakerState
from gateway.messaging.channel_state import ChannelEvent
from gateway.store.channels import change_channel, channel_of, channel_row, entry_of, entry_row
from gateway.store.queries import load_queries
from gateway.store.schema import load_migrations, migrate
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_channels import OPEN, PAUSE, PAUSED, UNTOUCHED

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    connection = apsw.Connection(":memory:")
    migrate(connection, load_migrations())
    yield connection
    connection.close()


def test_a_channel_and_a_line_come_back_as_they_were() -> None:
    for state in (UNTOUCHED, type(UNTOUCHED)(name="a", breaker=OPEN, pause=PAUSE, revision=3)):
        assert channel_of(channel_row(state)) == state
    _, *row = entry_row("munich", PAUSED)
    assert entry_of(row) == PAUSED


def test_a_refused_change_writes_no_line(connection: apsw.Connection) -> None:
    queries = load_queries()
    assert change_channel(connection, queries, UNTOUCHED, PAUSED) is not None
    assert change_channel(connection, queries, UNTOUCHED, PAUSED) is None
    assert connection.execute("SELECT count(*) FROM channel_events").get == 1


def test_words_of_the_code_are_words_of_the_tables(connection: apsw.Connection) -> None:
    insert = "INSERT INTO channels VALUES (?, 1, ?, NULL, ?, 0, NULL, NULL, NULL)"
    for state in BreakerState:
        until = None if state is BreakerState.CLOSED else 1
        connection.execute(insert, (state, state, until))
        with pytest.raises(apsw.ConstraintError):
            connection.execute(insert, ("other", state, 1 if until is None else None))
    with pytest.raises(apsw.ConstraintError):
        connection.execute(insert, ("other", "broken", None))
    kept = set(ChannelEvent) - {ChannelEvent.PROBED, ChannelEvent.RELEASED}
    line = "INSERT INTO channel_events (channel, at, event) VALUES ('a', 1, ?)"
    for event in ChannelEvent:
        if event in kept:
            connection.execute(line, (event,))
        else:
            with pytest.raises(apsw.ConstraintError):
                connection.execute(line, (event,))


def test_a_pause_has_a_reason_and_somebody_who_gave_it(connection: apsw.Connection) -> None:
    for by, reason in (("city", None), (None, "x"), (None, None)):
        with pytest.raises(apsw.ConstraintError):
            connection.execute(
                "INSERT INTO channels VALUES ('a', 1, 'closed', NULL, NULL, 0, 1, ?, ?)",
                (by, reason),
            )


async def test_a_confirmed_pause_survives_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "messages.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PAUSE_AND_HANG, str(path), cwd=PROJECT, stdout=PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"paused\n"
    process.kill()
    await process.wait()
    store = SqliteStore(path)
    await store.open()
    (state,) = await store.channel_states()
    assert (state.pause, list(await store.channel_history("munich", limit=9))) == (PAUSE, [PAUSED])
    await store.close()


_PAUSE_AND_HANG = """
import asyncio, dataclasses, pathlib, sys
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_channels import PAUSE, PAUSED, UNTOUCHED

async def main():
    store = SqliteStore(pathlib.Path(sys.argv[1]))
    await store.open()
    await store.change_channel(dataclasses.replace(UNTOUCHED, pause=PAUSE), PAUSED)
    print("paused", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
