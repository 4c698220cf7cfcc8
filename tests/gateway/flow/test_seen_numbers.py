"""Numbers that answers carry are noted, whatever becomes of the answer."""

import logging

import pytest

from gateway.errors import OutcomeUnknownError
from gateway.messaging.lifecycle import State
from gateway.messaging.ports import WireAnswer
from gateway.messaging.sequence import Finding
from tests.gateway.flow.counting import CountingWorld
from tests.gateway.flow.world import CALLER, SUBMISSION, Authority, answer, ask_for


async def test_the_number_of_an_answer_is_noted() -> None:
    world = CountingWorld(Authority(answer(number=7)))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    assert told.message.state is State.ANSWERED
    assert world.store.numbers.noted == [(told.message.id, "file", 7)]


async def test_an_answer_without_a_number_notes_none() -> None:
    world = CountingWorld(Authority(answer()))
    async with world.running() as desk:
        await desk.ask(ask_for())
    assert world.store.numbers.noted == []


@pytest.mark.parametrize(
    ("finding", "event"),
    [
        (Finding.GAP, "sequence.gap"),
        (Finding.LATE, "sequence.late"),
        (Finding.REPEAT, "sequence.repeated"),
        (Finding.EXPECTED, None),
        (Finding.KNOWN, None),
    ],
)
async def test_what_is_out_of_order_is_logged_and_taken(
    finding: Finding, event: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    world = CountingWorld(Authority(answer(number=7)))
    world.store.numbers.findings.append(finding)
    async with world.running() as desk:
        told = await desk.ask(ask_for())
    assert told.message.state is State.ANSWERED
    logged = [vars(r) for r in caplog.records if str(vars(r).get("event")).startswith("sequence.")]
    assert [one["event"] for one in logged] == ([] if event is None else [event])
    for one in logged:
        assert (one["sequence"], one["channel"]) == ("file", "main")
        assert one["message_id"] == told.message.id


async def test_the_number_of_a_later_answer_is_noted_too() -> None:
    world = CountingWorld(Authority(OutcomeUnknownError("?")))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
        settled = await desk.take_answer(told.message.id, answer(number=8))
        assert settled.state is State.ANSWERED
        await desk.take_answer(told.message.id, answer(number=9))
        await desk.take_answer(told.message.id, WireAnswer(body=b"rubbish"))
    assert [number for _, _, number in world.store.numbers.noted] == [8, 9]


async def test_the_number_of_an_answer_that_is_read_again_is_noted() -> None:
    world = CountingWorld(Authority(WireAnswer(body=b"rubbish")))
    async with world.running() as desk:
        told = await desk.ask(ask_for())
        assert told.message.state is State.INVALID
        for key, stage in world.store.stages.items():
            if stage.body == b"rubbish":
                world.store.stages[key] = type(stage)(
                    kind=stage.kind, body=answer(number=4).body, media_type=stage.media_type
                )
        await desk.reread(CALLER, told.message.id)
    assert [number for _, _, number in world.store.numbers.noted] == [4]
