"""Dead letters as the desk offers them: causes, documents, differences."""

from pathlib import Path

import pytest

from gateway.errors import ContentErasedError, NotCorrectedError, UnknownOperationError
from gateway.flow.compare import Change
from gateway.flow.letters import Copy
from gateway.messaging.lifecycle import State
from gateway.messaging.party import Caller
from gateway.messaging.ports import MessageFilter
from tests.gateway.flow.letter_world import LetterWorld, dead
from tests.gateway.flow.world import CALLER, SUBMISSION, answer

STRANGER = Caller(name="stranger", party=CALLER.party, grants=CALLER.grants)


@pytest.fixture
def world(tmp_path: Path) -> LetterWorld:
    return LetterWorld(tmp_path / "messages.db")


async def test_causes_are_those_of_the_callers_own_messages(world: LetterWorld) -> None:
    async with world.running() as desk:
        await dead(desk, 2)
        (cause,) = await desk.letters.causes(CALLER, MessageFilter())
        assert (cause.state, cause.code, cause.count) == (State.DEAD, "authority-refused", 2)
        assert await desk.letters.causes(STRANGER, MessageFilter(caller=CALLER.name)) == []
        doubt = MessageFilter(states=frozenset({State.IN_DOUBT}))
        assert await desk.letters.causes(CALLER, doubt) == []


async def test_a_copy_is_compared_with_its_original(world: LetterWorld) -> None:
    async with world.running() as desk:
        (original,) = await dead(desk)
        world.replies(answer())
        copy = Copy(body=b'{"name":"Grace","number":7}', idempotency_key="k")
        corrected = await desk.letters.correct(CALLER, original, copy)
        compared, differences = await desk.letters.differences(CALLER, corrected.message.id)
        assert compared == original.id
        found = {one.pointer: one.change for one in differences}
        assert found == {
            "/name": Change.CHANGED,
            "/number": Change.ADDED,
            "/messageId": Change.CHANGED,
        }
        with pytest.raises(NotCorrectedError):
            await desk.letters.differences(CALLER, original.id)


async def test_the_request_is_shown_as_it_was_accepted(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        stage = await desk.letters.request(CALLER, message.id)
        assert stage.body == b'{"messageId":"%s","name":"N0"}' % message.id.encode()


async def test_what_was_erased_is_said_to_be(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        connection = desk.store.parts().connections[0]  # type: ignore[attr-defined]
        connection.execute("DELETE FROM stages")
        for look in (desk.letters.request, desk.letters.retranslate):
            with pytest.raises(ContentErasedError):
                await look(CALLER, message.id)
        found = await desk.letters.diagnosis(CALLER, message.id)
        assert found.trial is not None
        assert found.trial.code == "content-erased"


async def test_an_operation_that_is_not_offered_any_more_is_said_to_be(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        assert desk.letters.body_limit(message) == SUBMISSION.body_limit_bytes
        del desk.directory.operations[SUBMISSION.key]  # type: ignore[attr-defined]
        with pytest.raises(UnknownOperationError):
            await desk.letters.retranslate(CALLER, message.id)
        with pytest.raises(UnknownOperationError):
            desk.letters.body_limit(message)
