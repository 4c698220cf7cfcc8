"""Note refused calls: batched, beside the journey, never in a caller's way.

A crash loses the calls of the last moment, which were refused and told so. Kept out: what is kept
of a call (``gateway.messaging.refusal``), and the log record of each (``events``).
"""

import asyncio
import logging
from collections import deque

from gateway.errors import StoreUnavailableError
from gateway.messaging.ports import MessageStore
from gateway.messaging.refusal import Refusal

GATHER_SECONDS = 0.2
"""How long calls are gathered before they are written together."""

PAUSE_SECONDS = 2.0
"""Pause after the store failed."""

MOST_WAITING = 10_000
"""Calls that wait for the store; the oldest are dropped, and counted in the logs."""

LARGEST_BATCH = 500

_log = logging.getLogger(__name__)


class RefusalLog:
    """Refused calls that wait to be written; used from one event loop only."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store
        self._waiting: deque[Refusal] = deque()
        self._dropped = 0
        self._noted = asyncio.Event()
        self._running = False
        self._main: asyncio.Task[None] | None = None

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin to write; the task belongs to ``group``."""
        self._running = True
        self._main = group.create_task(self._run())

    async def stop(self) -> None:
        """Write what is left, as far as the store takes it."""
        self._running = False
        self._noted.set()
        if self._main is not None:
            await self._main

    def note(self, refusal: Refusal) -> None:
        """Remember a refused call; returns at once."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._dropped += 1
        self._waiting.append(refusal)
        self._noted.set()

    async def _run(self) -> None:
        while self._running:
            await self._noted.wait()
            if self._running:
                await asyncio.sleep(GATHER_SECONDS)
            self._noted.clear()
            if not await self._write_all() and self._running:
                await asyncio.sleep(PAUSE_SECONDS)
                self._noted.set()

    async def _write_all(self) -> bool:
        """Write batch after batch; whether the store took them all."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(LARGEST_BATCH, len(self._waiting)))]
            try:
                await self._store.record_refusals(batch)
            except StoreUnavailableError:
                self._waiting.extendleft(reversed(batch))
                return False
        if self._dropped:
            extra = {"event": "refusals.dropped", "count": self._dropped}
            _log.warning("refused calls were not kept", extra=extra)
            self._dropped = 0
        return True
