"""Request and reply: a search is translated, delivered, answered, and can be looked at later."""

import json
from pathlib import Path

import pytest

from gateway.flow.call import Settled
from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import AttemptResult, StageKind
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import serve
from tests.scenarios.house import AUTHORITY, House, authority, call, caller


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("hit", Outcome.ANSWERED), ("no-hit", Outcome.ANSWERED), ("rejected", Outcome.REJECTED)],
)
async def test_search_is_answered(database: Path, answer: str, outcome: Outcome) -> None:
    with serve(authority(answer=answer)) as url:
        async with House(database=database, url=url).running() as desk:
            told = await desk.ask(call())
            mine = (caller(), told.message.id)
            assert isinstance(told, Settled)
            assert (told.message.state, told.message.outcome) == (State.ANSWERED, outcome)
            assert told.answer is not None
            document = json.loads(told.answer)
            assert document["outcome"] == outcome
            assert document["inReplyTo"]["messageId"] == told.message.id
            assert document["sender"]["id"] == AUTHORITY
            assert (await desk.answer(*mine)).body == told.answer
            history = await desk.history(*mine)
            assert is_unbroken(told.message.id, history)
            assert [event.event for event in history] == [
                "message.accepted",
                "delivery.started",
                "message.answered",
            ]
            (attempt,) = await desk.attempts(*mine)
            assert attempt.result is AttemptResult.ANSWERED
            assert set(await desk.ledger(*mine)) == {
                StageKind.WIRE_REQUEST,
                StageKind.WIRE_ANSWER,
            }


async def test_preview_is_what_the_authority_would_get(database: Path) -> None:
    with serve(authority()) as url:
        async with House(database=database, url=url).running() as desk:
            preview = await desk.check(call())
            assert preview.authority == AUTHORITY
            assert preview.map == "xmeld/person-search@1"
            assert b"Quendel" in preview.wire
            assert json.loads(preview.completed)["sender"]["id"] == caller().party.id


async def test_answer_that_cannot_be_read_is_kept_as_bytes(database: Path) -> None:
    with serve(authority(Rule(effect=Effect(answer="hit", fault=Fault.MALFORMED)))) as url:
        async with House(database=database, url=url).running() as desk:
            told = await desk.ask(call())
            assert isinstance(told, Settled)
            assert (told.message.state, told.answer) == (State.INVALID, None)
            kept = await desk.store.stage(told.message.id, StageKind.WIRE_ANSWER)
            assert kept is not None
            assert kept.body.startswith(b"<?xml")
