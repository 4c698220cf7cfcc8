"""Replays of many: paced, stopped, interrupted, refused one by one, and none of them twice."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from gateway.errors import WorkerUnavailableError
from gateway.flow import pump, replay_many, replay_runner
from gateway.flow.desk import Desk
from gateway.flow.fault_points import FaultPoint
from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId, StageKind
from gateway.messaging.party import Caller
from gateway.messaging.ports import WireAnswer
from gateway.messaging.replays import ItemResult, Mode, Replay, ReplayState, Verb
from tests.gateway.flow.letter_world import (
    REFUSED,
    LetterWorld,
    Versions,
    an_order,
    dead,
    ended,
    settled,
)
from tests.gateway.flow.near_workers import NearWorkers
from tests.gateway.flow.world import (
    CALLER,
    SUBMISSION,
    Gate,
    PlainRead,
    PlainWritten,
    answer,
    ask_for,
)

DISMISSED = Caller(name=CALLER.name, party=CALLER.party, grants=())


class Picky(Versions):
    """A map that fails for one name and refuses another."""

    @override
    def write_request(
        self, document: Mapping[str, Any], supplies: Mapping[str, Any]
    ) -> PlainWritten:
        if document["name"] == "N1":
            raise RuntimeError("Nobody foresaw this.")
        if document["name"] == "N2":
            document = {**document, "name": "<"}
        return super().write_request(document, supplies)


class Lenient(Versions):
    """A map that can read whatever comes."""

    @override
    def read_answer(self, data: bytes) -> PlainRead:
        return super().read_answer(answer().body)


@pytest.fixture
def world(tmp_path: Path) -> LetterWorld:
    return LetterWorld(tmp_path / "messages.db")


async def moved(desk: Desk, replay: Replay, number: int) -> None:
    async with asyncio.timeout(5):
        while True:
            found = await desk.letters.find_replay(CALLER, replay.id)
            if found.results.get(ItemResult.MOVED, 0) == number:
                return
            await asyncio.sleep(0.001)


async def test_every_message_is_sent_once_more_in_order(world: LetterWorld) -> None:
    async with world.running() as desk:
        messages = await dead(desk, 5)
        world.authority.got.clear()
        world.replies(answer())
        replay = await desk.letters.begin(CALLER, an_order())
        done = await ended(desk.letters, replay)
        assert (done.state, done.handled) == (ReplayState.DONE, 5)
        assert done.results == {ItemResult.MOVED: 5}
        for message in messages:
            assert (await settled(desk, message.id)).state is State.ANSWERED
    assert Counter(sent.message_id for sent in world.authority.got) == Counter(
        message.id for message in messages
    )


async def test_messages_wait_until_their_turn_comes(world: LetterWorld) -> None:
    async with world.running() as desk:
        messages = await dead(desk, 3)
        world.replies(answer())
        replay = await desk.letters.begin(CALLER, an_order(per_second=0.5))
        for number in (1, 2):
            await moved(desk, replay, number)
            # Nothing more happens before its time: the rest is dead still.
            for waiting in messages[number:]:
                found = await desk.store.get(waiting.id)
                assert found is not None
                assert found.state is State.DEAD
            present = await desk.letters.find_replay(CALLER, replay.id)
            assert present.next_at == world.clock.now() + timedelta(seconds=2)
            world.clock.advance(timedelta(seconds=2))
            desk.letters._runner.wake()
        await ended(desk.letters, replay)


async def test_a_pause_of_the_process_is_not_made_up_for_in_a_burst(world: LetterWorld) -> None:
    async with world.running() as desk:
        await dead(desk, 3)
        world.replies(answer())
        replay = await desk.letters.begin(CALLER, an_order(per_second=0.01))
        await moved(desk, replay, 1)
    world.clock.advance(timedelta(days=1))
    async with world.running() as desk:
        await moved(desk, replay, 2)
        await asyncio.sleep(0.02)
        present = await desk.letters.find_replay(CALLER, replay.id)
        assert present.results == {ItemResult.MOVED: 2}
        assert present.next_at == world.clock.now() + timedelta(seconds=100)


async def test_a_stopped_replay_leaves_the_rest_as_it_is(world: LetterWorld) -> None:
    async with world.running() as desk:
        messages = await dead(desk, 3)
        world.replies(answer())
        replay = await desk.letters.begin(CALLER, an_order(per_second=0.01))
        await moved(desk, replay, 1)
        stopped = await desk.letters.stop_replay(CALLER, replay.id)
        assert (stopped.state, stopped.handled) == (ReplayState.STOPPED, 1)
        world.clock.advance(timedelta(days=1))
        desk.letters._runner.wake()
        await asyncio.sleep(0.02)
        assert (await desk.letters.stop_replay(CALLER, replay.id)).ended_at == stopped.ended_at
        assert [await desk.store.get(one.id) for one in messages[1:]] == messages[1:]


async def test_two_who_replay_the_same_messages_at_once_send_each_once(world: LetterWorld) -> None:
    async with world.running() as desk:
        messages = await dead(desk, 20)
        world.authority.got.clear()
        first, second = await asyncio.gather(
            desk.letters.begin(CALLER, an_order()), desk.letters.begin(CALLER, an_order())
        )
        done = [await ended(desk.letters, replay) for replay in (first, second)]
        results = sum((Counter(one.results) for one in done), Counter[ItemResult]())
        assert results == {ItemResult.MOVED: 20, ItemResult.SKIPPED: 20}
        for message in messages:
            # The authority refuses again, so each is dead as before when the other replay comes.
            assert (await settled(desk, message.id)).attempts == 2
    assert set(Counter(sent.message_id for sent in world.authority.got).values()) == {1}


async def test_a_message_that_somebody_is_delivering_is_left_alone(world: LetterWorld) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
        gate = Gate()
        world.replies(gate)
        # Chosen while dead, then replayed by hand before its turn comes.
        other = await dead_behind(desk, world)
        replay = await desk.letters.begin(CALLER, an_order(per_second=0.01))
        await moved(desk, replay, 1)
        await desk.replay(CALLER, other)
        world.clock.advance(timedelta(seconds=100))
        desk.letters._runner.wake()
        done = await ended(desk.letters, replay)
        assert done.results == {ItemResult.MOVED: 1, ItemResult.SKIPPED: 1}
        (left,) = await desk.letters.left_items(CALLER, replay.id, after=-1, limit=9)
        assert (left.message_id, left.code) == (other, "transition-conflict")
        gate.go.set()
        assert (await settled(desk, message.id)).state is State.ANSWERED
    assert Counter(sent.message_id for sent in world.authority.got)[other] == 2


async def dead_behind(desk: Desk, world: LetterWorld) -> MessageId:
    """One more dead message; what the authority says then is kept."""
    kept, world.authority.replies = world.authority.replies, [REFUSED]
    (message,) = await dead(desk)
    world.authority.replies = kept
    return message.id


async def test_a_message_that_is_refused_does_not_stop_the_others(world: LetterWorld) -> None:
    async with world.running() as desk:
        messages = await dead(desk, 3)
    world.exchange = Picky(2)
    world.replies(answer())
    async with world.running() as desk:
        replay = await desk.letters.begin(CALLER, an_order(mode=Mode.RETRANSLATE))
        done = await ended(desk.letters, replay)
        assert done.results == {ItemResult.MOVED: 1, ItemResult.REFUSED: 2}
        left = await desk.letters.left_items(CALLER, replay.id, after=-1, limit=9)
        assert [(one.message_id, one.code) for one in left] == [
            (messages[1].id, "gateway-error"),
            (messages[2].id, "not-expressible"),
        ]
        assert (await settled(desk, messages[0].id)).state is State.ANSWERED
        assert world.authority.got[-1].body.endswith(b">  ")
        (earlier,) = await desk.letter_store.earlier_stages(messages[0].id)
        assert earlier.stage.map_version == "plain/search@1"
        assert [await desk.store.get(one.id) for one in messages[1:]] == messages[1:]


@pytest.mark.parametrize("callers", [(), (DISMISSED,)])
async def test_permission_is_that_of_the_moment(
    world: LetterWorld, callers: tuple[Caller, ...]
) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
    world.callers = callers
    async with world.running() as desk:
        replay = await desk.letters.begin(CALLER, an_order())
        await ended(desk.letters, replay)
        (left,) = await desk.letters.left_items(CALLER, replay.id, after=-1, limit=9)
        assert left.code == "permission-denied"
        assert await desk.store.get(message.id) == message


async def test_unreadable_answers_are_read_again(world: LetterWorld) -> None:
    world.replies(WireAnswer(body=b"?"))
    async with world.running() as desk:
        first = (await desk.ask(ask_for())).message
        second = (await desk.ask(ask_for())).message
        assert first.state is State.INVALID
    async with world.running() as desk:
        refused = await desk.letters.begin(CALLER, an_order(verb=Verb.REREAD, limit=1))
        assert (await ended(desk.letters, refused)).results == {ItemResult.REFUSED: 1}
        (left,) = await desk.letters.left_items(CALLER, refused.id, after=-1, limit=9)
        assert left.code == "answer-unreadable"
    world.exchange = Lenient(1)
    async with world.running() as desk:
        replay = await desk.letters.begin(CALLER, an_order(verb=Verb.REREAD))
        assert (await ended(desk.letters, replay)).results == {ItemResult.MOVED: 2}
        for message in (first, second):
            assert (await desk.store.get(message.id)) is not None
            stage = await desk.store.stage(message.id, StageKind.CANONICAL_ANSWER)
            assert stage is not None
            history = await desk.history(CALLER, message.id)
            assert history[-1].event == "answer.reread"
            assert history[-1].detail == f"Replay {replay.id}, asked for by town-hall."
    assert len(world.authority.got) == 2


@pytest.mark.parametrize("point", [FaultPoint.STEP_BEFORE_COMMIT, FaultPoint.STEP_AFTER_COMMIT])
@pytest.mark.parametrize("nth", [1, 2, 4])
async def test_a_runner_that_dies_is_followed_by_one_that_goes_on(
    world: LetterWorld, point: FaultPoint, nth: int
) -> None:
    async with world.running() as desk:
        messages = await dead(desk, 4)
    hits = iter(range(1, 1000))

    def die(reached: FaultPoint) -> None:
        if reached is point and next(hits) == nth:
            raise KeyboardInterrupt

    world.hit = die
    desk = world.desk()
    await desk.store.open()
    try:
        replay = await desk.letters.begin(CALLER, an_order())
        desk.letters._runner._running = True
        with pytest.raises(KeyboardInterrupt):
            await desk.letters._runner._round()
    finally:
        await desk.store.close()
    world.hit = LetterWorld.hit
    world.authority.got.clear()
    world.replies(answer())
    async with world.running() as desk:
        assert (await ended(desk.letters, replay)).results == {ItemResult.MOVED: 4}
        for message in messages:
            assert (await settled(desk, message.id)).attempts == 2
    assert set(Counter(sent.message_id for sent in world.authority.got).values()) == {1}


async def test_a_store_that_fails_is_tried_again(
    world: LetterWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_runner, "BREATH", timedelta(milliseconds=1))
    async with world.running() as desk:
        (message,) = await dead(desk)
        world.replies(answer())
        connection = desk.store.parts().connections[0]  # type: ignore[attr-defined]
        connection.execute(
            "CREATE TEMP TRIGGER full BEFORE UPDATE ON replay_items "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        replay = await desk.letters.begin(CALLER, an_order())
        await asyncio.sleep(0.05)
        assert await desk.store.get(message.id) == message
        connection.execute("DROP TRIGGER full")
        assert (await ended(desk.letters, replay)).results == {ItemResult.MOVED: 1}
    assert timedelta(seconds=1) == pump.BREATH


@pytest.mark.parametrize(("ends", "result"), [(2, ItemResult.MOVED), (3, ItemResult.REFUSED)])
async def test_workers_that_end_are_asked_again_but_not_for_ever(
    world: LetterWorld, monkeypatch: pytest.MonkeyPatch, ends: int, result: ItemResult
) -> None:
    monkeypatch.setattr(replay_runner, "BREATH", timedelta(milliseconds=1))
    async with world.running() as desk:
        (message,) = await dead(desk)
    world.replies(answer())
    world.exchange = Versions(2)
    desk = world.desk()
    world.workers = NearWorkers(directory=desk.directory, ends=ends)
    async with world.running() as desk:
        replay = await desk.letters.begin(CALLER, an_order(mode=Mode.RETRANSLATE))
        assert (await ended(desk.letters, replay)).results == {result: 1}
        if result is ItemResult.REFUSED:
            (left,) = await desk.letters.left_items(CALLER, replay.id, after=-1, limit=9)
            assert left.code == WorkerUnavailableError.code
            assert await desk.store.get(message.id) == message


async def test_a_message_that_was_erased_is_refused(world: LetterWorld) -> None:
    async with world.running() as desk:
        first, _ = await dead(desk, 2)
        replay = await desk.letters.begin(CALLER, an_order(per_second=0.01))
        await moved(desk, replay, 1)
        await settled(desk, first.id)  # nothing is being written any more
        connection = desk.store.parts().connections[0]  # type: ignore[attr-defined]
        connection.execute("DELETE FROM messages WHERE state = 'dead' AND attempts = 1")
        world.clock.advance(timedelta(seconds=100))
        desk.letters._runner.wake()
        await ended(desk.letters, replay)
        (left,) = await desk.letters.left_items(CALLER, replay.id, after=-1, limit=9)
        assert left.code == "message-unknown"


async def test_an_operation_that_is_not_offered_any_more_is_refused(world: LetterWorld) -> None:
    async with world.running() as desk:
        await dead(desk)
        del desk.directory.operations[SUBMISSION.key]  # type: ignore[attr-defined]
        replay = await desk.letters.begin(CALLER, an_order())
        await ended(desk.letters, replay)
        (left,) = await desk.letters.left_items(CALLER, replay.id, after=-1, limit=9)
        assert left.code == "operation-unknown"


async def test_a_replay_stopped_while_a_message_is_prepared_moves_it_no_more(
    world: LetterWorld,
) -> None:
    async with world.running() as desk:
        (message,) = await dead(desk)
    desk = world.desk()
    await desk.store.open()
    replay = await replay_many.begin(desk.letter_store, world.clock, CALLER, an_order())
    await desk.store.close()

    def stop(reached: FaultPoint) -> None:
        if reached is FaultPoint.STEP_BEFORE_COMMIT:
            connection.execute("UPDATE replays SET state = 'stopped', ended_at = 1")

    world.hit = stop
    desk = world.desk()
    await desk.store.open()
    try:
        connection = desk.store.parts().connections[0]  # type: ignore[attr-defined]
        desk.letters._runner._running = True
        await desk.letters._runner._round()
        assert await desk.store.get(message.id) == message
        found = await desk.letters.find_replay(CALLER, replay.id)
        assert (found.state, found.handled) == (ReplayState.STOPPED, 0)
    finally:
        await desk.store.close()
