"""What the authority said is read, or kept as bytes and located without quoting it."""

from dataclasses import replace

import pytest
from typing_extensions import override

from gateway.errors import AnswerUnreadableError, NotExpressibleError, SchemaViolationError
from gateway.flow.answer import read_answer, take_answer, take_receipt
from gateway.flow.call import Settled
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import AttemptResult, StageKind
from gateway.messaging.ports import Receipt, WireAnswer
from tests.gateway.flow.near_workers import NearWorkers
from tests.gateway.flow.world import (
    MESSAGE_ID,
    PlainExchange,
    PlainRead,
    World,
    a_message,
    answer,
)

NONSENSE = WireAnswer(body=b"Geheimnis-4711", content_type="text/html")


async def under_way() -> World:
    world = World()
    await world.store.accept(a_message(), [], [])
    return world


async def test_answer_settles_the_message() -> None:
    world = await under_way()
    after = await take_answer(world.journey, world.lane, a_message(), answer(MESSAGE_ID))
    assert (after.state, after.outcome) == (State.ANSWERED, Outcome.ANSWERED)
    assert world.store.tries[MESSAGE_ID][0].result is AttemptResult.ANSWERED


async def test_answer_without_an_outcome_of_its_own_is_answered() -> None:
    world = await under_way()
    plain = WireAnswer(body=b'<{"a": 1}>')
    after = await take_answer(world.journey, world.lane, a_message(), plain)
    assert after.outcome is Outcome.ANSWERED


async def test_unreadable_answer_is_kept_and_nowhere_quoted() -> None:
    world = await under_way()
    after = await take_answer(world.journey, world.lane, a_message(), NONSENSE)
    assert (after.state, after.code, after.outcome) == (State.INVALID, "answer-unreadable", None)
    kept = world.store.stages[MESSAGE_ID, StageKind.WIRE_ANSWER]
    assert (kept.body, kept.media_type) == (NONSENSE.body, "text/html")
    assert (MESSAGE_ID, StageKind.CANONICAL_ANSWER) not in world.store.stages
    (event,) = world.store.events[MESSAGE_ID]
    assert event.detail is not None
    assert event.detail.count("Not in brackets.") == 3
    assert event.detail.endswith("And 1 more.")
    assert "Geheimnis" not in event.detail
    assert world.store.tries[MESSAGE_ID][0].result is AttemptResult.UNREADABLE


async def test_answer_that_is_too_long_is_not_read_and_its_beginning_kept() -> None:
    world = await under_way()
    cut = replace(answer(MESSAGE_ID), is_whole=False)
    after = await take_answer(world.journey, world.lane, a_message(), cut)
    assert (after.state, after.code) == (State.INVALID, "answer-unreadable")
    assert world.store.stages[MESSAGE_ID, StageKind.WIRE_ANSWER].body == cut.body
    (event,) = world.store.events[MESSAGE_ID]
    assert event.detail is not None
    assert f"the first {len(cut.body)} bytes are kept" in event.detail


async def test_waiting_caller_is_told_where_the_answer_is_wrong() -> None:
    world = await under_way()
    journey = world.journey
    result = journey.waiting.open(MESSAGE_ID, "main")
    await take_answer(journey, world.lane, a_message(), NONSENSE)
    told = result.result()
    assert isinstance(told, Settled)
    assert (told.answer, len(told.places)) == (None, 4)


async def test_answer_to_another_message_is_unreadable() -> None:
    world = await under_way()
    after = await take_answer(world.journey, world.lane, a_message(), answer("another"))
    assert after.state is State.INVALID


async def test_answer_of_an_operation_without_a_map_is_kept() -> None:
    world = await under_way()
    lane = replace(world.lane, exchanges={})
    after = await take_answer(world.journey, lane, a_message(), answer())
    assert after.state is State.INVALID
    assert (MESSAGE_ID, StageKind.WIRE_ANSWER) in world.store.stages


@pytest.mark.parametrize("reference", [None, "r-1"])
async def test_receipt_makes_the_message_await_its_answer(reference: str | None) -> None:
    world = await under_way()
    after = await take_receipt(world.journey, a_message(), Receipt(reference=reference))
    assert after.state is State.AWAITING_ANSWER
    (event,) = world.store.events[MESSAGE_ID]
    assert (event.detail is None) == (reference is None)


@pytest.mark.parametrize("refusal", [SchemaViolationError("x"), NotExpressibleError("x")])
def test_every_refusal_of_the_map_makes_an_answer_unreadable(refusal: Exception) -> None:
    class Refusing(PlainExchange):
        @override
        def read_answer(self, data: bytes) -> PlainRead:
            raise refusal

    with pytest.raises(AnswerUnreadableError):
        read_answer(Refusing(), answer(), MESSAGE_ID)


def test_place_of_a_foreign_correlation_is_named() -> None:
    with pytest.raises(AnswerUnreadableError) as caught:
        read_answer(PlainExchange(), answer("another"), MESSAGE_ID)
    (place,) = caught.value.places
    assert (place.keyword, place.pointer) == ("correlation", "/messageId")


@pytest.mark.parametrize("came", [answer(MESSAGE_ID), answer("another"), NONSENSE])
async def test_large_answer_is_told_the_same_as_a_small_one(came: WireAnswer) -> None:
    ends = []
    for large in (False, True):
        world = await under_way()
        workers = NearWorkers(world.directory) if large else None
        journey = replace(world.journey, workers=workers)
        after = await take_answer(journey, world.lane, a_message(), came)
        (event,) = world.store.events[MESSAGE_ID]
        ends.append((after.state, after.outcome, event.detail, world.store.stages))
    assert ends[0] == ends[1]


@pytest.mark.parametrize(("ends", "state"), [(1, State.ANSWERED), (2, State.INVALID)])
async def test_answer_is_read_once_more_when_its_worker_ends_and_never_lost(
    ends: int, state: State
) -> None:
    world = await under_way()
    workers = NearWorkers(world.directory, ends=ends)
    journey = replace(world.journey, workers=workers)
    after = await take_answer(journey, world.lane, a_message(), answer(MESSAGE_ID))
    assert after.state is state
    assert workers.urgent == [True, True]
    kept = world.store.stages[MESSAGE_ID, StageKind.WIRE_ANSWER]
    assert kept.body == answer(MESSAGE_ID).body
