"""Rows of dead letters: what goes in comes out."""

from datetime import timedelta

from gateway.messaging.message import MessageId
from gateway.messaging.ports import MessageFilter
from gateway.messaging.replays import Choice, ItemResult, ReplayState
from gateway.store.letter_rows import choice_bindings, item_of, replay_of, replay_row
from tests.gateway.store.conformance_letters import a_replay
from tests.gateway.store.samples import later


def test_a_replay_comes_back_as_it_was() -> None:
    replay = a_replay(
        7,
        pause=timedelta(milliseconds=1.5),
        state=ReplayState.STOPPED,
        next_at=later(0.25),
        ended_at=later(3),
        handled=2,
        results={ItemResult.MOVED: 2},
    )
    assert replay_of((1, *replay_row(replay)), {ItemResult.MOVED: 2}) == replay


def test_a_message_that_is_not_handled_has_no_result() -> None:
    assert item_of((0, "x", None, None)).result is None
    assert item_of((0, "x", "skipped", "transition-conflict")).result is ItemResult.SKIPPED


def test_no_ids_are_not_the_same_as_any_ids() -> None:
    every = Choice(wanted=MessageFilter())
    assert choice_bindings(every, limit=1)["ids"] is None
    none = Choice(wanted=MessageFilter(), ids=frozenset())
    assert choice_bindings(none, limit=1)["ids"] == "[]"
    two = Choice(wanted=MessageFilter(), ids=frozenset({MessageId("b"), MessageId("a")}))
    assert choice_bindings(two, limit=1)["ids"] == '["a", "b"]'
