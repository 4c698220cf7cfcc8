"""Translation with the present map: what is asked of a new call is asked again."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from gateway.errors import (
    NoRouteError,
    PermissionDeniedError,
    SchemaViolationError,
    TransitionConflictError,
)
from gateway.flow.letters import DeadLetters
from gateway.messaging.lifecycle import State
from gateway.messaging.message import StageKind
from gateway.messaging.party import Caller
from gateway.messaging.route import Route
from gateway.validation.json_schema import DocumentSchema
from tests.gateway.flow.letter_world import LetterWorld, Versions, dead, settled
from tests.gateway.flow.world import CALLER, SCHEMA, SUBMISSION, answer, ask_for

STRICTER = DocumentSchema({**SCHEMA, "required": ["name", "number"]}, name="stricter")
DISMISSED = Caller(name=CALLER.name, party=CALLER.party, grants=())


@pytest.fixture
def world(tmp_path: Path) -> LetterWorld:
    return LetterWorld(tmp_path / "messages.db")


async def test_the_same_request_is_sent_in_its_new_form_and_the_earlier_one_is_kept(
    world: LetterWorld,
) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
    world.exchange = Versions(2)
    world.replies(answer())
    async with world.running() as desk:
        replayed = await desk.letters.retranslate(CALLER, message.id)
        assert replayed.state is State.ACCEPTED
        assert (await settled(desk, message.id)).state is State.ANSWERED
        first, second = world.authority.got
        assert second.body == first.body + b"  "
        assert first.message_id == second.message_id
        (earlier,) = await desk.letter_store.earlier_stages(message.id)
        assert earlier.stage.body == first.body
        assert earlier.stage.map_version == "plain/search@1"
        history = await desk.history(CALLER, message.id)
        details = [event.detail for event in history if event.event == "message.replayed"]
        assert details == ["Translated again with plain/search@2."]


async def test_a_map_that_makes_the_same_bytes_keeps_nothing_twice(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        await desk.letters.retranslate(CALLER, message.id)
        await settled(desk, message.id)
        assert await desk.letter_store.earlier_stages(message.id) == []
    assert len(world.authority.got) == 2


async def test_a_request_that_the_map_cannot_write_any_more_changes_nothing(
    world: LetterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        before = await desk.store.stage(message.id, StageKind.WIRE_REQUEST)
        schemas = cast("dict[str, DocumentSchema]", desk.directory.schemas)
        monkeypatch.setitem(schemas, SUBMISSION.key, STRICTER)
        with pytest.raises(SchemaViolationError) as caught:
            await desk.letters.retranslate(CALLER, message.id)
        assert caught.value.places
        assert await desk.store.get(message.id) == message
        assert await desk.store.stage(message.id, StageKind.WIRE_REQUEST) == before
    assert len(world.authority.got) == 1


async def test_permission_is_asked_again(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        with pytest.raises(PermissionDeniedError):
            await desk.letters.retranslate(DISMISSED, message.id)
        assert await desk.store.get(message.id) == message


async def test_a_message_does_not_change_its_channel(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        lane = desk.directory.lanes["main"]
        elsewhere = replace(
            desk.directory,
            routes=[Route(operation=SUBMISSION.key, area="ags:09", channel="other")],
            lanes={"other": replace(lane, channel=replace(lane.channel, name="other"))},
        )
        letters = DeadLetters(
            journey=desk.letters.journey,
            pump=desk.letters.pump,
            directory=elsewhere,
            store=desk.letter_store,
            callers=(),
        )
        with pytest.raises(NoRouteError, match="another channel"):
            await letters.retranslate(CALLER, message.id)


async def test_only_what_rests_is_sent_again(world: LetterWorld) -> None:
    world.replies(answer())
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
        with pytest.raises(TransitionConflictError):
            await desk.letters.retranslate(CALLER, told.message.id)
