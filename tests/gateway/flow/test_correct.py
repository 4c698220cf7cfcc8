"""Corrected copies: one of a family goes, whatever is tried at the same time."""

import asyncio
import json
from pathlib import Path

import pytest

from gateway.errors import (
    IdempotencyKeyMissingError,
    IdempotencyMismatchError,
    MessageCorrectedError,
    OutcomeUnknownError,
    PermissionDeniedError,
    SchemaViolationError,
    TransitionConflictError,
)
from gateway.flow.correct import _require_no_terms
from gateway.flow.fault_points import FaultPoint
from gateway.flow.letters import Copy
from gateway.messaging.corrections import Relations
from gateway.messaging.lifecycle import State
from gateway.messaging.party import Caller
from tests.gateway.flow.letter_world import REFUSED, LetterWorld, dead, settled
from tests.gateway.flow.world import CALLER, SUBMISSION, Gate, World, answer, ask_for

DISMISSED = Caller(name=CALLER.name, party=CALLER.party, grants=())


@pytest.fixture
def world(tmp_path: Path) -> LetterWorld:
    return LetterWorld(tmp_path / "messages.db")


def a_copy(name: str = "Grace", **fields: object) -> Copy:
    body = json.dumps({"name": name}).encode()
    return Copy(**{"body": body, "idempotency_key": "k1", **fields})  # type: ignore[arg-type]


async def test_the_copy_is_sent_and_the_original_stays_as_it_was(world: LetterWorld) -> None:
    async with world.running() as desk:
        (original,) = await dead(desk, purpose="audit", case_reference="A1")
        world.replies(answer())
        corrected = await desk.letters.correct(CALLER, original, a_copy())
        copy = await settled(desk, corrected.message.id)
        assert (copy.state, copy.purpose, copy.case_reference) == (State.ANSWERED, "audit", "A1")
        after = await desk.store.get(original.id)
        assert after == original
        first, second = world.authority.got
        assert first.message_id != second.message_id
        assert b"Grace" in second.body
        assert (await desk.letter_store.relations(copy.id)).corrects == original.id
        told = (await desk.history(CALLER, original.id))[-1]
        assert (told.event, told.detail) == (
            "message.corrected",
            f"Corrected by message {copy.id}.",
        )
        accepted = (await desk.history(CALLER, copy.id))[0]
        assert accepted.detail == f"Corrects message {original.id}."


async def test_an_original_goes_again_only_if_its_copy_came_to_nothing(world: LetterWorld) -> None:
    async with world.running() as desk:
        (original,) = await dead(desk)
        gate = Gate()
        world.replies(gate, REFUSED, answer())
        corrected = await desk.letters.correct(CALLER, original, a_copy())
        await gate.reached.wait()
        for again in (desk.replay, desk.letters.retranslate):
            with pytest.raises(MessageCorrectedError, match=corrected.message.id):
                await again(CALLER, original.id)
        with pytest.raises(MessageCorrectedError):
            await desk.letters.correct(CALLER, original, a_copy("Ida", idempotency_key="k2"))
        gate.go.set()
        assert (await settled(desk, corrected.message.id)).state is State.ANSWERED
        with pytest.raises(MessageCorrectedError):
            await desk.replay(CALLER, original.id)
    assert len(world.authority.got) == 2


async def test_a_copy_that_died_lets_its_original_go_and_then_stays(world: LetterWorld) -> None:
    async with world.running() as desk:
        (original,) = await dead(desk)
        corrected = await desk.letters.correct(CALLER, original, a_copy())
        assert (await settled(desk, corrected.message.id)).state is State.DEAD
        world.replies(answer())
        await desk.replay(CALLER, original.id)
        assert (await settled(desk, original.id)).state is State.ANSWERED
        with pytest.raises(MessageCorrectedError, match=original.id):
            await desk.replay(CALLER, corrected.message.id)


async def test_a_repeated_key_of_a_corrected_message_sends_nothing(world: LetterWorld) -> None:
    async with world.running() as desk:
        call = ask_for(operation=SUBMISSION)
        original = (await desk.ask(call)).message
        world.replies(answer())
        await desk.letters.correct(CALLER, original, a_copy())
        with pytest.raises(MessageCorrectedError):
            await desk.ask(call)
    assert len(world.authority.got) == 2


async def test_a_repeated_key_of_a_dead_message_replays_that_message(world: LetterWorld) -> None:
    async with world.running() as desk:
        call = ask_for(operation=SUBMISSION)
        first = await desk.ask(call)
        world.replies(answer())
        second = await desk.ask(call)
        assert second.message.id == first.message.id
        assert second.message.state is State.ANSWERED
        history = await desk.history(CALLER, first.message.id)
        (replayed,) = [event for event in history if event.event == "message.replayed"]
        assert replayed.detail == "Its call was repeated."


async def test_a_correction_that_is_repeated_is_made_once(world: LetterWorld) -> None:
    async with world.running() as desk:
        (original,) = await dead(desk)
        world.replies(answer())
        copies = await asyncio.gather(
            *(desk.letters.correct(CALLER, original, a_copy()) for _ in range(5))
        )
        again = await desk.letters.correct(CALLER, original, a_copy())
        assert {one.message.id for one in [*copies, again]} == {copies[0].message.id}
        assert sorted(one.replayed for one in copies) == [False] + [True] * 4
        assert again.replayed
        relations = await desk.letter_store.relations(original.id)
        assert relations == Relations(corrected_by=(copies[0].message.id,))


async def test_a_key_belongs_to_one_document_and_one_original(world: LetterWorld) -> None:
    async with world.running() as desk:
        original, other = await dead(desk, 2)
        await desk.letters.correct(CALLER, original, a_copy())
        for wrong, copy in ((original, a_copy("Ida")), (other, a_copy())):
            with pytest.raises(IdempotencyMismatchError):
                await desk.letters.correct(CALLER, wrong, copy)
        with pytest.raises(IdempotencyMismatchError):
            await desk.ask(ask_for({"name": "Grace"}, operation=SUBMISSION, idempotency_key="k1"))
        with pytest.raises(IdempotencyKeyMissingError):
            await desk.letters.correct(CALLER, other, a_copy(idempotency_key=None))


async def test_a_query_is_corrected_with_a_key_too(world: LetterWorld) -> None:
    async with world.running() as desk:
        original = (await desk.ask(ask_for())).message
        assert original.state is State.DEAD
        world.replies(answer())
        with pytest.raises(IdempotencyKeyMissingError):
            await desk.letters.correct(CALLER, original, a_copy(idempotency_key=None))
        corrected = await desk.letters.correct(CALLER, original, a_copy())
        assert (await settled(desk, corrected.message.id)).state is State.ANSWERED


async def test_a_wrong_copy_changes_nothing(world: LetterWorld) -> None:
    async with world.running() as desk:
        (original,) = await dead(desk)
        with pytest.raises(SchemaViolationError):
            await desk.letters.correct(CALLER, original, a_copy(body=b'{"surname":"x"}'))
        with pytest.raises(PermissionDeniedError):
            await desk.letters.correct(DISMISSED, original, a_copy())
        with pytest.raises(PermissionDeniedError):
            await desk.letters.correct(CALLER, original, a_copy(recipient="ags:05000000"))
        assert await desk.store.get(original.id) == original
        assert len(await desk.history(CALLER, original.id)) == 3


async def test_doubt_is_corrected_only_after_the_authority_was_asked(world: LetterWorld) -> None:
    world.replies(OutcomeUnknownError("?"))
    async with world.running() as desk:
        original = (await desk.ask(ask_for(operation=SUBMISSION))).message
        assert original.state is State.IN_DOUBT
        with pytest.raises(TransitionConflictError, match="ask the authority first"):
            await desk.letters.correct(CALLER, original, a_copy())
        world.replies(answer())
        await desk.letters.correct(CALLER, original, a_copy(not_taken=True))
        after = await desk.store.get(original.id)
        assert after is not None
        assert (after.state, after.code) == (State.DEAD, "outcome-unknown")
        told = (await desk.history(CALLER, original.id))[-1]
        assert told.detail is not None
        assert told.detail.startswith("The authority was asked and does not have it.")


async def test_what_was_answered_is_not_corrected(world: LetterWorld) -> None:
    world.replies(answer())
    async with world.running() as desk:
        message = (await desk.ask(ask_for(operation=SUBMISSION))).message
        with pytest.raises(TransitionConflictError, match="only a dead one"):
            await desk.letters.correct(CALLER, message, a_copy(not_taken=True))


@pytest.mark.parametrize("point", [FaultPoint.ACCEPT_BEFORE_COMMIT, FaultPoint.ACCEPT_AFTER_COMMIT])
async def test_a_correction_cut_off_is_made_once_by_its_repeat(
    world: LetterWorld, point: FaultPoint
) -> None:
    async with world.running() as desk:
        (original,) = await dead(desk)
    world.replies(answer())

    def die(reached: FaultPoint) -> None:
        if reached is point:
            raise KeyboardInterrupt

    world.hit = die
    desk = world.desk()
    await desk.store.open()
    try:
        with pytest.raises(KeyboardInterrupt):
            await desk.letters.correct(CALLER, original, a_copy())
    finally:
        await desk.store.close()
    world.hit = LetterWorld.hit
    async with world.running() as desk:
        corrected = await desk.letters.correct(CALLER, original, a_copy())
        assert corrected.replayed is (point is FaultPoint.ACCEPT_AFTER_COMMIT)
        await settled(desk, corrected.message.id)
        assert len((await desk.letter_store.relations(original.id)).corrected_by) == 1
    assert len(world.authority.got) == 2


def test_a_copy_that_needs_a_turn_or_a_number_is_refused() -> None:
    checked = World().checked(ask_for())
    _require_no_terms(checked)
    with pytest.raises(TransitionConflictError, match="give the original up"):
        _require_no_terms(checked.under(order_key=bytes(32)))
