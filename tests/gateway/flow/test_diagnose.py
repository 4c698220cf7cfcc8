"""One look at a message: what failed, what can be done, and whether it would help."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import UnknownMessageError
from gateway.flow.diagnose import ACTIONS, Action, Related, Trial
from gateway.flow.letters import Copy
from gateway.messaging.lifecycle import TRANSITIONS, State
from gateway.messaging.message import MessageId
from gateway.messaging.party import Caller
from gateway.messaging.ports import WireAnswer
from tests.gateway.flow.letter_world import LetterWorld, Versions, dead, settled
from tests.gateway.flow.world import CALLER, answer, ask_for

STRANGER = Caller(name="stranger", party=CALLER.party, grants=CALLER.grants)
DISMISSED = Caller(name=CALLER.name, party=CALLER.party, grants=())


@pytest.fixture
def world(tmp_path: Path) -> LetterWorld:
    return LetterWorld(tmp_path / "messages.db")


async def test_a_dead_message_is_explained(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        world.clock.advance(timedelta(hours=3))
        found = await desk.letters.diagnosis(CALLER, message.id)
        assert found.message == message
        assert found.resting == timedelta(hours=3, milliseconds=1)
        assert found.failure is not None
        assert found.failure.code == "authority-refused"
        assert len(found.attempts) == 1
        assert found.actions == (Action.REPLAY, Action.CORRECT)
        assert found.trial == Trial(action=Action.REPLAY)
        assert (found.corrects, found.corrected_by, found.earlier) == (None, [], [])


async def test_it_says_why_a_translation_would_fail(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        found = await desk.letters.diagnosis(DISMISSED, message.id)
        assert found.trial is not None
        assert (found.trial.code, len(found.trial.places)) == ("permission-denied", 1)


async def test_it_names_the_places_of_an_unreadable_answer(world: LetterWorld) -> None:
    world.replies(WireAnswer(body=b"?"))
    async with world.running() as desk:
        message = (await desk.ask(ask_for())).message
        found = await desk.letters.diagnosis(CALLER, message.id)
        assert found.actions == (Action.REREAD,)
        assert found.trial is not None
        assert found.trial.code == "answer-unreadable"
        assert {place.keyword for place in found.trial.places} == {"syntax"}


async def test_a_sound_message_has_no_trouble(world: LetterWorld) -> None:
    world.replies(answer())
    async with world.running() as desk:
        message = (await desk.ask(ask_for())).message
        found = await desk.letters.diagnosis(CALLER, message.id)
        assert (found.failure, found.actions, found.trial) == (None, (), None)


async def test_it_shows_the_family_and_earlier_forms(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
    world.exchange = Versions(2)
    async with world.running() as desk:
        await desk.letters.retranslate(CALLER, message.id)
        message = await settled(desk, message.id)
        world.replies(answer())
        copy = Copy(body=b'{"name":"x"}', idempotency_key="k")
        corrected = await desk.letters.correct(CALLER, message, copy)
        await settled(desk, corrected.message.id)
        original = await desk.letters.diagnosis(CALLER, message.id)
        assert original.corrected_by == [Related(id=corrected.message.id, state=State.ANSWERED)]
        assert [one.version for one in original.earlier] == [1]
        child = await desk.letters.diagnosis(CALLER, corrected.message.id)
        assert child.corrects == Related(id=message.id, state=State.DEAD)


async def test_others_see_nothing(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        for caller, message_id in ((STRANGER, message.id), (CALLER, MessageId("none"))):
            for look in (
                desk.letters.diagnosis,
                desk.letters.request,
                desk.letters.differences,
                desk.letters.retranslate,
            ):
                with pytest.raises(UnknownMessageError):
                    await look(caller, message_id)


def test_something_can_be_done_wherever_a_message_waits_for_somebody() -> None:
    waiting = {state for state, ends in TRANSITIONS.items() if ends}
    assert waiting - ACTIONS.keys() == {State.DELIVERING, State.AWAITING_ANSWER}
