"""A trial before acceptance, the real number inside it."""

import json
from typing import Any

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from gateway.flow.examine import examine
from gateway.messaging.message import StageKind
from tests.gateway.flow.counting import FIELD, CountingWorld
from tests.gateway.flow.near_workers import NearWorkers
from tests.gateway.flow.world import MESSAGE_ID, NOON, QUERY, ask_for


async def test_a_trial_is_written_before_and_the_number_when_it_is_accepted() -> None:
    world = CountingWorld()
    async with world.running() as desk:
        await desk.ask(ask_for())
        await desk.ask(ask_for())
    assert world.counting.written == [999, 1, 999, 2]
    assert [one.body for one in world.authority.got] == [b"<1>", b"<2>"]
    stages = [
        json.loads(stage.body)
        for (_, kind), stage in world.store.stages.items()
        if kind is StageKind.CANONICAL_REQUEST
    ]
    assert [one["number"] for one in stages] == [1, 2]
    assert [set(one) for one in stages] == [{"messageId", "name", "number"}] * 2


async def test_a_check_shows_the_trial_and_takes_no_number() -> None:
    world = CountingWorld()
    async with world.running() as desk:
        preview = await desk.check(ask_for())
        assert preview.wire == b"<999>"
        await desk.ask(ask_for())
    assert world.authority.got[0].body == b"<1>"


async def test_what_the_trial_shows_is_refused_before_acceptance() -> None:
    world = CountingWorld()
    world.counting.forbidden = {999}
    async with world.running() as desk:
        with pytest.raises(NotExpressibleError):
            await desk.ask(ask_for())
    assert not world.store.messages
    assert world.store.last_numbers == {}


async def test_a_number_that_cannot_be_written_after_all_refuses_the_message() -> None:
    world = CountingWorld()
    world.counting.forbidden = {1}
    async with world.running() as desk:
        with pytest.raises(NotExpressibleError):
            await desk.ask(ask_for())
        assert world.store.last_numbers == {}
        world.counting.forbidden = set()
        await desk.ask(ask_for())
    assert world.authority.got[0].body == b"<1>"


async def test_a_caller_chooses_no_number() -> None:
    world = CountingWorld()
    async with world.running() as desk:
        with pytest.raises(SchemaViolationError) as caught:
            await desk.ask(ask_for({"name": "Ada", "number": 7}))
    (place,) = caught.value.places
    assert (place.keyword, place.pointer) == ("supplied", FIELD.pointer)


async def test_a_large_call_is_numbered_like_a_small_one() -> None:
    world = CountingWorld()
    more: dict[str, Any] = {"message_id": MESSAGE_ID, "now": NOON, "fingerprint_key": bytes(32)}
    workers = NearWorkers(world.directory, 1)
    examined = await examine(workers, ask_for(operation=QUERY), world.directory, **more)
    terms = examined.check().terms
    assert terms is not None
    assert terms.numbering is not None
    assert (terms.numbering.channel, terms.numbering.fields) == ("main", (FIELD,))
    canonical, wire = terms.numbering.write({"file": 5})
    assert (json.loads(canonical.body)["number"], wire.body) == (5, b"<5>")
