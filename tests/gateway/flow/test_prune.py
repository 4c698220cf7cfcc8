"""What is due, and that it is erased a little at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.flow import prune
from gateway.flow.prune import BATCH, Pruner, plan
from gateway.messaging.operation import OperationKind
from gateway.messaging.periods import Retention
from gateway.messaging.retention import FINAL, REFUSED, RESTING, Holding, Part
from tests.gateway.flow.memory_retention import MemoryRetention
from tests.gateway.flow.world import NOON, QUERY, SUBMISSION, FixedClock

DAY = timedelta(days=1)
OPERATIONS = {QUERY.key: QUERY, SUBMISSION.key: SUBMISSION}


def holding(age: timedelta, **changes: object) -> Holding:
    plain = Holding(
        operation=QUERY.name,
        operation_version=QUERY.version,
        kind=QUERY.kind,
        has_content=True,
        since=NOON - age,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


OF_A_SUBMISSION = {
    "operation": SUBMISSION.name,
    "operation_version": SUBMISSION.version,
    "kind": SUBMISSION.kind,
}


def found(*held: Holding) -> list[tuple[Part, frozenset[object], timedelta]]:
    return [
        (due.part, due.states, NOON - due.settled_before)
        for due in plan(held, OPERATIONS, now=NOON).dues
    ]


class Told:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}
        self.holdings: Sequence[Holding] = ()

    def erased(self, part: str, count: int, *, operation: str) -> None:
        self.counts[part, operation] = self.counts.get((part, operation), 0) + count

    def held(self, holdings: Sequence[Holding], now: datetime) -> None:
        assert now == NOON
        self.holdings = holdings


def test_nothing_is_due_before_its_time() -> None:
    assert found(holding(DAY), holding(730 * DAY, has_content=False)) == []
    assert plan([], OPERATIONS, now=NOON).refusals_before == NOON - REFUSED


def test_the_content_of_a_query_goes_with_its_key() -> None:
    assert found(holding(1.1 * DAY)) == [(Part.PAYLOAD, FINAL, DAY)]


def test_the_key_of_a_submission_goes_first() -> None:
    assert found(holding(8 * DAY, **OF_A_SUBMISSION)) == [(Part.KEY, FINAL, 7 * DAY)]
    assert found(holding(31 * DAY, **OF_A_SUBMISSION)) == [
        (Part.KEY, FINAL, 7 * DAY),
        (Part.PAYLOAD, FINAL, 30 * DAY),
    ]


def test_what_waits_for_a_person_has_longer() -> None:
    assert found(holding(91 * DAY))[1:] == [(Part.PAYLOAD, RESTING, 90 * DAY)]


def test_records_go_after_their_content_and_once() -> None:
    old = holding(731 * DAY)
    parts = found(old, replace(old, has_content=False))
    assert [part for part, *_ in parts] == [Part.PAYLOAD, Part.PAYLOAD, Part.RECORD]
    assert parts[-1] == (Part.RECORD, FINAL | RESTING, 730 * DAY)


def test_an_operation_that_is_offered_no_more_is_kept_as_usual() -> None:
    gone = holding(2 * DAY, operation="building/permit", operation_version=7)
    assert found(gone) == [(Part.PAYLOAD, FINAL, DAY)]
    notification = replace(gone, kind=OperationKind.NOTIFICATION)
    assert found(notification) == []


def test_own_periods_outrank_the_usual_ones() -> None:
    own = Retention(key=DAY / 24, payload=DAY / 24, resting=DAY / 24, record=DAY / 24)
    operations = {QUERY.key: replace(QUERY, retention=own)}
    due = plan([holding(DAY / 12)], operations, now=NOON)
    assert {one.settled_before for one in due.dues} == {NOON - DAY / 24}


async def test_a_round_erases_all_that_is_due_in_small_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prune, "RESTS", 0.0)
    store, told = MemoryRetention(holding(2 * DAY), due=2 * BATCH + 3, refusals=BATCH + 1), Told()
    pruner = Pruner(store, FixedClock(), OPERATIONS, told)
    assert await pruner.round() == 3 * BATCH + 4
    assert max(store.batches) == BATCH
    assert told.counts == {("payload", QUERY.key): 2 * BATCH + 3, ("refused", ""): BATCH + 1}
    assert told.holdings == (holding(2 * DAY),)
    assert store.tidied == 1


async def test_a_round_without_work_leaves_the_store_alone() -> None:
    store = MemoryRetention()
    assert await Pruner(store, FixedClock(), OPERATIONS).round() == 0
    assert (store.batches, store.tidied) == ([], 0)


async def test_what_could_not_be_tidied_is_tidied_later() -> None:
    store = MemoryRetention(refusals=1)
    store.is_tidy = False
    pruner = Pruner(store, FixedClock(), OPERATIONS)
    await pruner.round()
    store.is_tidy = True
    await pruner.round()
    await pruner.round()
    assert store.tidied == 2


async def test_batches_are_followed_by_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "LONGEST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(prune, "RESTS", 1e9)
    store = MemoryRetention(holding(2 * DAY), due=3 * BATCH)
    began = asyncio.get_running_loop().time()
    await Pruner(store, FixedClock(), OPERATIONS).round()
    assert asyncio.get_running_loop().time() - began >= 0.1


async def test_a_store_that_fails_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(prune, "ROUND", timedelta(milliseconds=10))
    store = MemoryRetention(refusals=1)
    store.down = True
    pruner = Pruner(store, FixedClock(), OPERATIONS)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        pruner.start(group)
        await asyncio.sleep(0.03)
        store.down = False
        while store.refusals:  # noqa: ASYNC110 - until the round that finds it
            await asyncio.sleep(0.005)
        await pruner.stop()
    assert "retention.interrupted" in {vars(record)["event"] for record in caplog.records}


async def test_a_stop_waits_for_one_batch_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "LONGEST_PAUSE_SECONDS", 60.0)
    monkeypatch.setattr(prune, "RESTS", 1e9)
    store = MemoryRetention(holding(2 * DAY), due=1_000)
    pruner = Pruner(store, FixedClock(), OPERATIONS)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        pruner.start(group)
        while not store.batches:  # noqa: ASYNC110 - until it has begun
            await asyncio.sleep(0)
        await pruner.stop()
    assert len(store.batches) == 1


async def test_one_that_was_never_started_stops_at_once() -> None:
    store = MemoryRetention()
    async with asyncio.timeout(1):
        await Pruner(store, FixedClock(), OPERATIONS).stop()
    assert store.batches == []
