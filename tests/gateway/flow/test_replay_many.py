"""Orders about many messages: what is chosen, and that nothing else is ever touched."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import OutcomeUnknownError, SelectionChangedError, UnknownReplayError
from gateway.flow.replay_many import SHOWN, states_of
from gateway.messaging.lifecycle import State
from gateway.messaging.party import Caller
from gateway.messaging.ports import MessageFilter
from gateway.messaging.replays import ItemResult, ReplayId, ReplayState, Verb
from tests.gateway.flow.letter_world import (
    LetterWorld,
    an_order,
    dead,
    ended,
    settled,
)
from tests.gateway.flow.world import CALLER, SUBMISSION, answer, ask_for

STRANGER = Caller(name="stranger", party=CALLER.party, grants=CALLER.grants)


@pytest.fixture
def world(tmp_path: Path) -> LetterWorld:
    return LetterWorld(tmp_path / "messages.db")


async def test_a_dry_run_shows_what_would_be_done_and_does_nothing(world: LetterWorld) -> None:
    async with world.running() as desk:
        messages = await dead(desk, 3)
        plan = await desk.letters.plan(CALLER, an_order(limit=2))
        assert (plan.chosen, plan.has_more) == (2, True)
        assert list(plan.first) == [messages[0].id, messages[1].id]
        assert await desk.letters.replays(CALLER, limit=9) == []
        assert [await desk.store.get(one.id) for one in messages] == messages
    assert SHOWN == 20


async def test_a_dry_run_binds_the_order_that_follows(world: LetterWorld) -> None:
    async with world.running() as desk:
        messages = await dead(desk, 2)
        plan = await desk.letters.plan(CALLER, an_order())
        await desk.replay(CALLER, messages[0].id)
        assert (await settled(desk, messages[0].id)).state is State.DEAD
        with pytest.raises(SelectionChangedError):
            await desk.letters.begin(CALLER, an_order(expected=plan.digest))
        assert await desk.letters.replays(CALLER, limit=9) == []
        world.replies(answer())
        again = await desk.letters.plan(CALLER, an_order())
        replay = await desk.letters.begin(CALLER, an_order(expected=again.digest))
        assert (await ended(desk.letters, replay)).results == {ItemResult.MOVED: 2}


async def test_messages_are_chosen_by_id_and_by_what_is_known_of_them(world: LetterWorld) -> None:
    async with world.running() as desk:
        first, second = await dead(desk, 2)

        async def count(**fields: object) -> int:
            wanted = {name: fields.pop(name) for name in list(fields) if name != "ids"}
            order = an_order(wanted=MessageFilter(**wanted), **fields)  # type: ignore[arg-type]
            return (await desk.letters.plan(CALLER, order)).chosen

        assert await count() == 2
        assert await count(ids=frozenset({second.id})) == 1
        assert await count(code="authority-refused", channel="main") == 2
        assert await count(code="not-sent") == 0
        assert await count(channel="other") == 0
        assert await count(until=second.accepted_at) == 1
        assert await count(since=first.accepted_at + timedelta(microseconds=1)) == 1
        assert await count(states=frozenset({State.ANSWERED})) == 0


async def test_others_messages_are_never_chosen(world: LetterWorld) -> None:
    async with world.running() as desk:
        await dead(desk, 2)
        everything = MessageFilter(tenant=CALLER.tenant, caller=CALLER.name)
        assert (await desk.letters.plan(STRANGER, an_order(wanted=everything))).chosen == 0


async def test_doubt_is_replayed_only_if_the_authority_was_asked(world: LetterWorld) -> None:
    world.replies(OutcomeUnknownError("?"))
    async with world.running() as desk:
        message = (await desk.ask(ask_for(operation=SUBMISSION))).message
        assert (await desk.letters.plan(CALLER, an_order())).chosen == 0
        world.replies(answer())
        replay = await desk.letters.begin(CALLER, an_order(not_taken=True))
        await ended(desk.letters, replay)
        assert (await settled(desk, message.id)).state is State.ANSWERED
        details = [event.detail for event in await desk.history(CALLER, message.id)]
    assert (
        f"The authority was asked and does not have it. Replay {replay.id}, asked for by town-hall."
    ) in details


async def test_an_order_that_fits_nothing_is_done_at_once(world: LetterWorld) -> None:
    async with world.running() as desk:
        replay = await desk.letters.begin(CALLER, an_order())
        assert (replay.state, replay.chosen) == (ReplayState.DONE, 0)


async def test_others_neither_see_nor_stop_a_replay(world: LetterWorld) -> None:
    async with world.running() as desk:
        await dead(desk)
        replay = await desk.letters.begin(CALLER, an_order())
        letters = desk.letters
        for act in (
            letters.find_replay(STRANGER, replay.id),
            letters.stop_replay(STRANGER, replay.id),
            letters.left_items(STRANGER, replay.id, after=-1, limit=9),
            letters.find_replay(CALLER, ReplayId("none")),
        ):
            with pytest.raises(UnknownReplayError):
                await act
        assert await letters.replays(STRANGER, limit=9) == []


def test_each_verb_leaves_the_states_of_its_single_call() -> None:
    assert states_of(Verb.REREAD, not_taken=True) == {State.INVALID}
    assert states_of(Verb.REPLAY, not_taken=False) == {State.DEAD}
    resting = {State.DEAD, State.IN_DOUBT, State.UNANSWERED}
    assert states_of(Verb.REPLAY, not_taken=True) == resting


async def test_an_order_cannot_name_a_state_that_its_verb_does_not_leave(
    world: LetterWorld,
) -> None:
    async with world.running() as desk:
        await dead(desk)
        order = an_order(verb=Verb.REREAD, wanted=MessageFilter(states=frozenset({State.DEAD})))
        assert (await desk.letters.plan(CALLER, order)).chosen == 0
        assert (await desk.letters.plan(CALLER, replace(order, verb=Verb.REPLAY))).chosen == 1
