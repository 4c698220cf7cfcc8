"""What every store must do for dead letters: causes, corrected copies, replays of many."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from gateway.errors import KeyTakenError, MessageCorrectedError, TransitionConflictError
from gateway.messaging.causes import RESTING, Cause
from gateway.messaging.corrections import Relations
from gateway.messaging.history import is_unbroken
from gateway.messaging.idempotency import Claim, Scope
from gateway.messaging.letters import LetterStore
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId, StageKind
from gateway.messaging.ports import MessageFilter, MessageStore, Step
from gateway.messaging.replays import (
    Choice,
    Chosen,
    Handling,
    Item,
    ItemResult,
    Mode,
    Replay,
    ReplayId,
    ReplayState,
    Verb,
    digest_of,
)
from tests.gateway.store.conformance import brought_to
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import (
    NOW,
    REQUEST,
    WIRE,
    a_message,
    a_step,
    entry_of,
    later,
    stored,
)


async def a_dead(store: MessageStore, **changes: Any) -> Message:
    return await brought_to(store, State.DEAD, **changes)


def again(message: Message, **changes: Any) -> Step:
    """The step of a replay."""
    plain = a_step(message, State.ACCEPTED, next_attempt_at=later(2), deadline_at=later(99))
    return dataclasses.replace(plain, **changes)


def a_replay(chosen: int, **changes: Any) -> Replay:
    plain = Replay(
        id=ReplayId(str(uuid4())),
        tenant="default",
        caller="city",
        verb=Verb.REPLAY,
        mode=Mode.SAME_BYTES,
        not_taken=False,
        pause=timedelta(seconds=2),
        state=ReplayState.RUNNING,
        created_at=NOW,
        next_at=NOW,
        chosen=chosen,
    )
    return dataclasses.replace(plain, **changes)


def noted(message: Message) -> Step:
    """The step of an original when it is corrected."""
    return a_step(message, State.DEAD)


class LetterConformance(StoreConformance):
    """Inherit, and give ``make_store`` and ``letters_of``: the dead letters of an open store."""

    @pytest.fixture
    def letters_of(self) -> Callable[[MessageStore], LetterStore]:
        raise NotImplementedError

    @pytest.fixture
    async def letters(
        self, store: MessageStore, letters_of: Callable[[MessageStore], LetterStore]
    ) -> LetterStore:
        return letters_of(store)

    # causes

    async def test_messages_that_rest_are_counted_by_cause(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        await stored(store, a_message())
        await a_dead(store)
        message = await brought_to(store, State.DELIVERING)
        await store.advance(a_step(message, State.DEAD, entry=entry_of(State.DEAD, at=later(9))))
        await a_dead(store, channel="berlin")
        assert await letters.causes(MessageFilter(states=RESTING)) == [
            Cause(
                state=State.DEAD,
                operation="residents/search",
                channel="munich",
                code=None,
                count=2,
                oldest_at=later(1),
                newest_at=later(9),
            ),
            Cause(
                state=State.DEAD,
                operation="residents/search",
                channel="berlin",
                code=None,
                count=1,
                oldest_at=later(1),
                newest_at=later(1),
            ),
        ]

    @pytest.mark.parametrize(
        ("wanted", "count"),
        [
            ({}, 1),
            ({"channel": "munich"}, 1),
            ({"channel": "berlin"}, 0),
            ({"code": "not-sent"}, 1),
            ({"code": "outcome-unknown"}, 0),
            ({"operation": "residents/search", "authority": "ags:09162000"}, 1),
            ({"operation": "residents/other"}, 0),
            ({"authority": "ags:05000000"}, 0),
            ({"tenant": "default", "caller": "city"}, 1),
            ({"tenant": "default", "caller": "county"}, 0),
            ({"states": frozenset({State.IN_DOUBT, State.INVALID})}, 0),
            ({"since": NOW, "until": later(1)}, 1),
            ({"since": later(1)}, 0),
            ({"until": NOW}, 0),
        ],
    )
    async def test_lists_causes_and_choices_are_restricted_alike(
        self, store: MessageStore, letters: LetterStore, wanted: dict[str, Any], count: int
    ) -> None:
        message = await brought_to(store, State.DELIVERING)
        entry = entry_of(State.DEAD, code="not-sent")
        await store.advance(a_step(message, State.DEAD, entry=entry))
        filtered = MessageFilter(**{"states": RESTING, **wanted})
        assert len(await letters.causes(filtered)) == count
        assert len(await letters.choose(Choice(wanted=filtered), limit=9)) == count
        assert len((await store.find(filtered, limit=9))[0]) == count
        of_all = dataclasses.replace(filtered, states=filtered.states | {State.EXPIRED})
        assert len((await store.find(of_all, limit=9))[0]) == count

    @pytest.mark.parametrize(
        "filters",
        [
            {"states": frozenset({State.ACCEPTED})},
            {"states": frozenset({State.CANCELLED})},
            {"case_reference": "A1"},
            {"authority": "ags:09162000"},
            {"tenant": "default", "caller": "city"},
            {},
        ],
    )
    async def test_every_list_is_restricted_by_channel_and_code(
        self, store: MessageStore, filters: dict[str, Any]
    ) -> None:
        for state in (State.ACCEPTED, State.CANCELLED):
            await brought_to(store, state, case_reference="A1")
        everything, _ = await store.find(MessageFilter(**filters), limit=9)
        assert everything
        same, _ = await store.find(MessageFilter(**filters, channel="munich"), limit=9)
        assert same == everything
        assert await store.find(MessageFilter(**filters, channel="berlin"), limit=9) == ([], None)
        assert await store.find(MessageFilter(**filters, code="not-sent"), limit=9) == ([], None)

    # earlier forms

    async def test_what_is_made_anew_is_kept_as_it_was(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        message = await a_dead(store)
        for number in (2, 3):
            new = dataclasses.replace(WIRE, body=b"<a>%d</a>" % number, map_version=f"m@{number}")
            message = await store.advance(again(message, stages=[new], keeps_earlier=True))
            message = await store.advance(a_step(message, State.DELIVERING))
            message = await store.advance(a_step(message, State.DEAD))
        present = await store.stage(message.id, StageKind.WIRE_REQUEST)
        assert present is not None
        assert present.body == b"<a>3</a>"
        first, second = await letters.earlier_stages(message.id)
        assert (first.version, first.stage, first.replaced_at) == (1, WIRE, later(1))
        assert (second.version, second.stage.map_version) == (2, "m@2")

    async def test_large_content_made_anew_is_kept_as_it_was(
        self,
        store: MessageStore,
        letters_of: Callable[[MessageStore], LetterStore],
        make_store: Callable[[], MessageStore],
    ) -> None:
        large = dataclasses.replace(WIRE, body=b"x" * 600_000)
        message = await stored(store, a_message(), [REQUEST, large])
        message = await store.advance(a_step(message, State.DELIVERING))
        message = await store.advance(a_step(message, State.DEAD))
        larger = dataclasses.replace(WIRE, body=b"y" * 700_000)
        await store.advance(again(message, stages=[larger], keeps_earlier=True))
        await store.close()
        reopened = make_store()
        await reopened.open()
        try:
            (earlier,) = await letters_of(reopened).earlier_stages(message.id)
            assert earlier.stage == large
            assert await reopened.stage(message.id, StageKind.WIRE_REQUEST) == larger
        finally:
            await reopened.close()

    async def test_a_message_that_was_never_made_anew_has_no_earlier_forms(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        message = await a_dead(store)
        await store.advance(again(message))
        assert await letters.earlier_stages(message.id) == []

    # corrections

    async def test_a_corrected_copy_and_its_original_know_each_other(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        original, copy = await a_dead(store), a_message()
        after = await letters.correct(
            noted(original), copy, [REQUEST, WIRE], [entry_of(State.ACCEPTED)]
        )
        assert after.state is State.DEAD
        assert await store.get(copy.id) == copy
        assert await store.stage(copy.id, StageKind.WIRE_REQUEST) == WIRE
        assert await letters.relations(original.id) == Relations(corrected_by=(copy.id,))
        assert await letters.relations(copy.id) == Relations(corrects=original.id)
        assert await letters.relations(MessageId("none")) == Relations()
        history = await store.history(original.id)
        assert is_unbroken(original.id, history)
        assert history[-1].event == "message.dead"

    async def test_doubt_about_the_original_ends_with_its_correction(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        original = await brought_to(store, State.IN_DOUBT)
        await letters.correct(noted(original), a_message(), [REQUEST], [entry_of(State.ACCEPTED)])
        after = await store.get(original.id)
        assert after is not None
        assert after.state is State.DEAD

    async def test_only_one_of_a_family_goes(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        original, copy = await a_dead(store), a_message()
        await letters.correct(noted(original), copy, [REQUEST], [entry_of(State.ACCEPTED)])
        with pytest.raises(MessageCorrectedError, match=copy.id):
            await store.advance(again(original))
        second = a_message()
        with pytest.raises(MessageCorrectedError, match=copy.id):
            await letters.correct(noted(original), second, [REQUEST], [entry_of(State.ACCEPTED)])
        assert await store.get(second.id) is None
        assert len(await store.history(original.id)) == 4

        copy = await store.advance(a_step(copy, State.DELIVERING))
        copy = await store.advance(a_step(copy, State.DEAD))
        await letters.correct(noted(copy), second, [REQUEST], [entry_of(State.ACCEPTED)])
        for member in (original, copy):
            with pytest.raises(MessageCorrectedError, match=second.id):
                await store.advance(again(member))
        await store.advance(a_step(second, State.CANCELLED))
        assert (await store.advance(again(original))).state is State.ACCEPTED
        with pytest.raises(MessageCorrectedError, match=original.id):
            await store.advance(again(copy))

    async def test_a_copy_is_accepted_with_its_original_or_not_at_all(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        original, copy = await brought_to(store, State.ANSWERED), a_message()
        step = dataclasses.replace(noted(original), start=frozenset({State.DEAD}))
        with pytest.raises(TransitionConflictError):
            await letters.correct(step, copy, [REQUEST], [entry_of(State.ACCEPTED)])
        assert await store.get(copy.id) is None
        assert await letters.relations(original.id) == Relations()

    async def test_a_copy_claims_its_key(self, store: MessageStore, letters: LetterStore) -> None:
        original, copy = await a_dead(store), a_message()
        scope = Scope(tenant="default", caller="city", operation="residents/search", key="k")
        claim = Claim(scope=scope, fingerprint=bytes(32))
        entries = [entry_of(State.ACCEPTED)]
        await letters.correct(noted(original), copy, [REQUEST], entries, claim=claim)
        claimed = await store.claimed(scope)
        assert claimed is not None
        assert claimed.message.id == copy.id
        other = await a_dead(store)
        with pytest.raises(KeyTakenError):
            await letters.correct(noted(other), a_message(), [REQUEST], entries, claim=claim)
        assert len(await store.history(other.id)) == 3

    # choices

    async def test_the_longest_accepted_are_chosen_first(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        messages = [await a_dead(store, accepted_at=later(3 - n)) for n in range(3)]
        choice = Choice(wanted=MessageFilter(states=frozenset({State.DEAD})))
        chosen = await letters.choose(choice, limit=2)
        assert [one.message_id for one in chosen] == [messages[2].id, messages[1].id]

    async def test_ids_restrict_a_choice(self, store: MessageStore, letters: LetterStore) -> None:
        message, _ = await a_dead(store), await a_dead(store)
        ids = frozenset({message.id, MessageId("none")})
        choice = Choice(wanted=MessageFilter(states=frozenset({State.DEAD})), ids=ids)
        assert await letters.choose(choice, limit=9) == [
            Chosen(message_id=message.id, event_count=3)
        ]
        nothing = dataclasses.replace(choice, ids=frozenset())
        assert await letters.choose(nothing, limit=9) == []

    async def test_whatever_happens_to_a_message_changes_the_digest(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        message = await a_dead(store)
        choice = Choice(wanted=MessageFilter(states=frozenset({State.DEAD})))
        before = digest_of(await letters.choose(choice, limit=9))
        assert digest_of(await letters.choose(choice, limit=9)) == before
        await store.advance(noted(message))
        assert digest_of(await letters.choose(choice, limit=9)) != before

    # replays of many

    async def test_a_replay_handles_its_messages_in_order_and_ends(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        messages = [await a_dead(store) for _ in range(3)]
        replay = a_replay(3)
        chosen = [Chosen(message_id=one.id, event_count=3) for one in messages]
        await letters.begin_replay(replay, chosen)
        assert await letters.running_replays() == [replay]
        items = [Item(position=n, message_id=one.id) for n, one in enumerate(messages)]
        assert await letters.due_items(replay, limit=9) == items
        assert await letters.due_items(replay, limit=2) == items[:2]

        first = await letters.handle_item(
            replay.id, 0, Handling(step=again(messages[0]), at=later(1))
        )
        assert first is not None
        assert (first.result, first.next_at) == (ItemResult.MOVED, later(3))
        assert first.message == await store.get(messages[0].id)
        refused = await letters.handle_item(
            replay.id, 1, Handling(step=None, code="no-route", at=later(3))
        )
        assert refused is not None
        assert (refused.result, refused.message) == (ItemResult.REFUSED, None)
        (running,) = await letters.running_replays()
        assert (running.handled, running.next_at) == (2, later(5))
        assert await letters.due_items(running, limit=9) == items[2:]
        await letters.handle_item(replay.id, 2, Handling(step=again(messages[2]), at=later(5)))

        assert await letters.running_replays() == []
        done = await letters.replay(replay.id)
        assert done is not None
        assert (done.state, done.ended_at, done.handled) == (ReplayState.DONE, later(5), 3)
        assert done.results == {ItemResult.MOVED: 2, ItemResult.REFUSED: 1}
        refusals = frozenset({ItemResult.REFUSED})
        assert await letters.replay_items(replay.id, after=-1, limit=9, results=refusals) == [
            dataclasses.replace(items[1], result=ItemResult.REFUSED, code="no-route")
        ]
        rest = await letters.replay_items(replay.id, after=0, limit=1, results=frozenset())
        assert [one.position for one in rest] == [1]

    async def test_a_message_is_handled_once(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        message, other = await a_dead(store), await a_dead(store)
        replay = a_replay(2)
        chosen = [Chosen(message_id=one.id, event_count=3) for one in (message, other)]
        await letters.begin_replay(replay, chosen)
        handling = Handling(step=again(message), at=NOW)
        assert await letters.handle_item(replay.id, 0, handling) is not None
        assert await letters.handle_item(replay.id, 0, handling) is None
        assert await letters.handle_item(replay.id, 2, handling) is None
        assert await letters.handle_item(ReplayId("none"), 0, handling) is None
        assert len(await store.history(message.id)) == 4

    @pytest.mark.parametrize("times", [1, 2])
    async def test_a_message_that_moved_on_since_is_skipped(
        self, store: MessageStore, letters: LetterStore, times: int
    ) -> None:
        message = await a_dead(store)
        replay = a_replay(1)
        await letters.begin_replay(replay, [Chosen(message_id=message.id, event_count=3)])
        message = await store.advance(again(message))
        if times == 2:  # it is dead once more, but not as it was chosen
            message = await store.advance(a_step(message, State.DELIVERING))
            message = await store.advance(a_step(message, State.DEAD))
        step = dataclasses.replace(again(message), start=frozenset({State.DEAD}))
        handled = await letters.handle_item(replay.id, 0, Handling(step=step, at=NOW))
        assert handled is not None
        assert (handled.result, handled.message) == (ItemResult.SKIPPED, None)
        assert await store.get(message.id) == message
        (item,) = await letters.replay_items(replay.id, after=-1, limit=1, results=frozenset())
        assert item.code == "transition-conflict"

    async def test_an_original_whose_copy_goes_is_skipped(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        original = await a_dead(store)
        entries = [entry_of(State.ACCEPTED)]
        await letters.correct(noted(original), a_message(), [REQUEST], entries)
        replay = a_replay(1)
        await letters.begin_replay(replay, [Chosen(message_id=original.id, event_count=4)])
        large = dataclasses.replace(WIRE, body=b"x" * 600_000)
        step = again(original, stages=[large], keeps_earlier=True)
        handled = await letters.handle_item(replay.id, 0, Handling(step=step, at=NOW))
        assert handled is not None
        assert handled.result is ItemResult.SKIPPED
        (item,) = await letters.replay_items(replay.id, after=-1, limit=1, results=frozenset())
        assert item.code == "message-corrected"
        assert await store.stage(original.id, StageKind.WIRE_REQUEST) == WIRE

    async def test_a_stopped_replay_handles_nothing_more(
        self, store: MessageStore, letters: LetterStore
    ) -> None:
        message = await a_dead(store)
        replay = a_replay(1)
        await letters.begin_replay(replay, [Chosen(message_id=message.id, event_count=3)])
        assert await letters.stop_replay(replay.id, at=later(1))
        assert not await letters.stop_replay(replay.id, at=later(2))
        assert await letters.running_replays() == []
        handling = Handling(step=again(message), at=NOW)
        assert await letters.handle_item(replay.id, 0, handling) is None
        stopped = await letters.replay(replay.id)
        assert stopped is not None
        assert (stopped.state, stopped.ended_at) == (ReplayState.STOPPED, later(1))
        assert await store.get(message.id) == message

    async def test_replays_outlive_the_process(
        self,
        store: MessageStore,
        letters: LetterStore,
        letters_of: Callable[[MessageStore], LetterStore],
        make_store: Callable[[], MessageStore],
    ) -> None:
        replay = a_replay(1, verb=Verb.REREAD, mode=Mode.RETRANSLATE, not_taken=True)
        await letters.begin_replay(replay, [Chosen(message_id=MessageId("x"), event_count=3)])
        await store.close()
        reopened = make_store()
        await reopened.open()
        try:
            assert await letters_of(reopened).running_replays() == [replay]
        finally:
            await reopened.close()

    async def test_a_caller_finds_its_replays_newest_first(self, letters: LetterStore) -> None:
        first, second = a_replay(0), a_replay(1)
        for replay in (first, second, a_replay(1, caller="county")):
            chosen = [Chosen(message_id=MessageId("x"), event_count=3)] * replay.chosen
            await letters.begin_replay(replay, chosen)
        assert await letters.replays_of(tenant="default", caller="city", limit=9) == [second, first]
        assert await letters.replays_of(tenant="default", caller="city", limit=1) == [second]
        assert await letters.replay(ReplayId("none")) is None
