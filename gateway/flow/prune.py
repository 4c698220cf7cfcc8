"""Retention: erase what is due, a little at a time, beside the journey and never in its way.

Each batch is one short transaction with a pause after it, so accepting never waits long. What a
stop or a crash leaves is found at the next round. Kept out: how it is erased (``RetentionStore``).
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gateway.errors import StoreUnavailableError
from gateway.messaging.lifecycle import State
from gateway.messaging.operation import Operation
from gateway.messaging.periods import Retention
from gateway.messaging.ports import Clock
from gateway.messaging.retention import (
    FINAL,
    REFUSED,
    RESTING,
    USUAL,
    Due,
    Holding,
    Part,
    RetentionStore,
    retention_of,
)

ROUND = timedelta(minutes=1)
"""Between two rounds; a round that finds nothing costs two look-ups an operation."""

BATCH = 10
"""Messages in one transaction: a few milliseconds, for each byte is overwritten."""

RESTS = 9.0
"""A batch is followed by a pause so many times as long as it took: a tenth of the time is used."""

LONGEST_PAUSE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class PruneWitness(Protocol):
    """Is told what was erased, for figures; must not raise."""

    def erased(self, part: str, count: int, *, operation: str) -> None:
        """So many parts went of messages of an operation (key), ``""`` for refused calls."""
        ...

    def held(self, holdings: Sequence[Holding], now: datetime) -> None:
        """What the store held at the end of a round."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is due at one moment.

    Attributes:
        dues: In the order in which it is erased: keys, content, records.
        refusals_before: Refused calls from before then are due.
    """

    dues: Sequence[Due]
    refusals_before: datetime


def plan(
    holdings: Sequence[Holding], operations: Mapping[str, Operation], *, now: datetime
) -> Plan:
    """Say what is due of what is held.

    Args:
        holdings: What there is.
        operations: What is offered, by key; messages of others are kept as long as is usual.
        now: The present; aware, UTC.
    """
    dues: list[Due] = []
    for held in holdings:
        operation = operations.get(f"{held.operation}/v{held.operation_version}")
        periods = USUAL[held.kind] if operation is None else retention_of(operation)
        dues.extend(_due(held, periods, now))
    order = list(Part)
    once = dict.fromkeys(sorted(dues, key=lambda due: order.index(due.part)))
    return Plan(dues=tuple(once), refusals_before=now - REFUSED)


def _due(held: Holding, periods: Retention, now: datetime) -> Iterator[Due]:
    wanted: list[tuple[Part, frozenset[State], timedelta]] = [
        (Part.RECORD, FINAL | RESTING, periods.record)
    ]
    if held.has_content:
        wanted.append((Part.PAYLOAD, FINAL, periods.payload))
        wanted.append((Part.PAYLOAD, RESTING, periods.resting))
        if periods.key < periods.payload:  # else it goes with the content
            wanted.append((Part.KEY, FINAL, periods.key))
    for part, states, period in wanted:
        if held.since < now - period:
            yield Due(
                part=part,
                operation=held.operation,
                operation_version=held.operation_version,
                states=states,
                settled_before=now - period,
            )


class Pruner:
    """Erases what is due while the gateway runs; used from one event loop only."""

    def __init__(
        self,
        store: RetentionStore,
        clock: Clock,
        operations: Mapping[str, Operation],
        witness: PruneWitness | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._operations = operations
        self._witness = witness
        self._stopping = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        self._is_tidy = True

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin; the task belongs to ``group``, and the store is open."""
        self._stopping.clear()
        self._main = group.create_task(self._run())

    async def stop(self) -> None:
        """Finish the batch under way."""
        self._stopping.set()
        if self._main is not None:
            await self._main

    async def round(self) -> int:
        """Erase everything that is due now, unless it is stopped; how much there was.

        Raises:
            StoreUnavailableError: What was not erased is found at the next round.
        """
        now = self._clock.now()
        due = plan(await self._store.holdings(), self._operations, now=now)
        count = 0
        for one in due.dues:
            count += await self._erase_all(one)
        count += await self._erase_refusals(due.refusals_before)
        self._is_tidy = self._is_tidy and not count
        if not self._is_tidy:
            self._is_tidy = await self._store.tidy()
        if self._witness is not None:
            self._witness.held(await self._store.holdings(), now)
        return count

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.round()
            except StoreUnavailableError as error:
                extra = {"event": "retention.interrupted", "code": error.code}
                _log.warning("nothing is erased: the store cannot be used", extra=extra)
            await self._pause(ROUND.total_seconds())

    async def _erase_all(self, due: Due) -> int:
        operation = f"{due.operation}/v{due.operation_version}"
        total, after = 0, None
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            done = await self._store.erase(due, now=self._clock.now(), limit=BATCH, after=after)
            total += done.count
            if self._witness is not None and done.count:
                self._witness.erased(due.part, done.count, operation=operation)
            after = done.after
            if after is None:
                break
            await self._rest(began)
        return total

    async def _erase_refusals(self, before: datetime) -> int:
        total = 0
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            erased = await self._store.erase_refusals(before=before, limit=BATCH)
            total += erased
            if self._witness is not None and erased:
                self._witness.erased("refused", erased, operation="")
            if erased < BATCH:
                break
            await self._rest(began)
        return total

    async def _rest(self, began: float) -> None:
        took = asyncio.get_running_loop().time() - began
        await self._pause(min(RESTS * took, LONGEST_PAUSE_SECONDS))

    async def _pause(self, seconds: float) -> None:
        """Wait, or until it is stopped."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
