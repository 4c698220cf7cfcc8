"""Erasing is killed again and again: what is half done is found and finished, nothing is undone."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import apsw
import pytest

from gateway.messaging.history import is_unbroken
from gateway.messaging.message import Message, StageKind
from gateway.messaging.retention import Part
from gateway.store.retention import SqliteRetention
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_retention import LATE, due, settled
from tests.gateway.store.samples import NOW

PROJECT = Path(__file__).resolve().parents[2]
MESSAGES = 400
KILLS = 6

ERASE = """
import asyncio, pathlib, sys
from gateway.messaging.retention import Part
from gateway.store.retention import SqliteRetention
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_retention import LATE, due

async def main():
    store = SqliteStore(pathlib.Path(sys.argv[1]))
    await store.open()
    retention = SqliteRetention(store)
    while (done := await retention.erase(due(Part.PAYLOAD), now=LATE, limit=3)).count:
        print(done.count, flush=True)

asyncio.run(main())
"""


async def filled(database: Path) -> list[Message]:
    store = SqliteStore(database)
    await store.open()
    messages = [await settled(store) for _ in range(MESSAGES)]
    messages.append(await settled(store, LATE))  # not due
    await store.close()
    return messages


async def killed_after(database: Path, batches: int) -> int:
    """Erase in a process of its own and kill it; how many it said were gone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ERASE, str(database), cwd=PROJECT, stdout=PIPE
    )
    assert process.stdout is not None
    said = 0
    for _ in range(batches):
        said += int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    said += sum(int(line) for line in (await process.stdout.read()).split())
    assert await process.wait() == -signal.SIGKILL
    return said


@pytest.mark.slow
async def test_a_killed_erasure_is_finished_and_noted_once(database: Path) -> None:
    messages = await filled(database)
    said = [await killed_after(database, batches) for batches in range(3, 3 + KILLS)]

    store = SqliteStore(database)
    await store.open()
    retention = SqliteRetention(store)
    left = 0
    while done := (await retention.erase(due(Part.PAYLOAD), now=LATE, limit=50)).count:
        left += done
    # What a process said was gone is gone; one that died before it could say so lost nothing.
    assert MESSAGES - 3 * KILLS <= sum(said) + left <= MESSAGES
    for message in messages:
        events = await store.history(message.id)
        kept = message.settled_at == LATE
        assert [event.event for event in events].count("message.erased") == (0 if kept else 1)
        assert is_unbroken(message.id, events)
        assert (await store.stage(message.id, StageKind.WIRE_REQUEST) is not None) is kept
    await store.close()
    connection = apsw.Connection(str(database))
    assert connection.pragma("integrity_check") == "ok"
    assert messages[0].settled_at == NOW
    connection.close()
