"""What may have been sent since a backup is not sent again by itself."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.flow import hold
from gateway.flow.hold import hold_back, stop_replays
from gateway.messaging.history import Entry, is_unbroken
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message, MessageId
from gateway.messaging.operation import OperationKind
from gateway.messaging.ports import Step
from gateway.messaging.replays import Chosen, ReplayState
from gateway.messaging.terms import Terms
from gateway.store.letters import SqliteLetters
from gateway.store.sqlite import SqliteStore
from tests.gateway.flow.world import NOON, FixedClock, a_message
from tests.gateway.store.conformance_letters import a_replay

SUBMISSION: dict[str, Any] = {"kind": OperationKind.SUBMISSION, "repeatable": False}
WAITING = State.ACCEPTED, State.RETRYING


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "messages.db")
    await store.open()
    yield store
    await store.close()


async def a_message_in(store: SqliteStore, state: State, **fields: Any) -> Message:
    """Store a message and bring it to a state as the journey would."""
    begins = state is not State.ACCEPTED
    message = a_message(
        state=State.DELIVERING if begins else State.ACCEPTED,
        attempts=int(begins),
        next_attempt_at=None if begins else NOON,
        **fields,
    )
    await store.accept(message, [], [Entry(at=NOON, event="message.accepted", state=message.state)])
    if state in (State.ACCEPTED, State.DELIVERING):
        return message
    ends = {State.RETRYING: AttemptResult.NOT_SENT, State.AWAITING_ANSWER: AttemptResult.RECEIPT}
    step = Step(
        message_id=message.id,
        start=frozenset({State.DELIVERING}),
        entry=Entry(at=NOON, event="a.step", state=state, attempt=1),
        next_attempt_at=NOON if state is State.RETRYING else None,
        ends_attempt=ends.get(state, AttemptResult.ANSWERED),
    )
    return await store.advance(step)


@pytest.mark.parametrize("state", [*WAITING, State.DELIVERING])
async def test_a_submission_that_was_waiting_rests_in_doubt(
    store: SqliteStore, state: State
) -> None:
    message = await a_message_in(store, state, **SUBMISSION)
    assert await hold_back(store, FixedClock()) == {State.IN_DOUBT: 1}
    found = await store.get(message.id)
    assert found is not None
    assert (found.state, found.next_attempt_at) == (State.IN_DOUBT, None)
    history = await store.history(message.id)
    assert is_unbroken(message.id, history)
    assert [event.event for event in history[-2:]] == ["message.restored", "message.in_doubt"]
    assert history[-1].code == "outcome-unknown"
    attempts = await store.attempts(message.id)
    assert attempts[-1].result is AttemptResult.INTERRUPTED
    assert len(attempts) == found.attempts
    assert await due(store) == []


@pytest.mark.parametrize("state", [*WAITING, State.DELIVERING])
async def test_a_query_goes_on(store: SqliteStore, state: State) -> None:
    message = await a_message_in(store, state)
    assert await hold_back(store, FixedClock()) == {state: 1}
    history = await store.history(message.id)
    assert (history[-1].event, history[-1].state) == ("message.restored", state)
    assert is_unbroken(message.id, history)
    assert await due(store) == ([message.id] if state in WAITING else [])


async def test_a_submission_that_awaits_its_answer_goes_on_waiting(store: SqliteStore) -> None:
    message = await a_message_in(store, State.AWAITING_ANSWER, **SUBMISSION)
    assert await hold_back(store, FixedClock()) == {State.AWAITING_ANSWER: 1}
    assert (await store.history(message.id))[-1].event == "message.restored"


@pytest.mark.parametrize("state", [State.ANSWERED, State.DEAD, State.IN_DOUBT])
async def test_a_message_at_rest_is_left(store: SqliteStore, state: State) -> None:
    message = await a_message_in(store, state, **SUBMISSION)
    before = await store.history(message.id)
    assert await hold_back(store, FixedClock()) == {}
    assert await store.history(message.id) == before


async def test_one_whose_deadline_is_over_is_in_doubt_and_not_said_to_have_never_left(
    store: SqliteStore,
) -> None:
    late = FixedClock()
    late.advance(timedelta(days=30))
    await a_message_in(store, State.ACCEPTED, **SUBMISSION)
    assert await hold_back(store, late) == {State.IN_DOUBT: 1}


async def test_all_of_many_are_held(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "PAGE", 3)
    for number in range(10):
        name = MessageId(f"0c9a5a1e-0000-4000-8000-{number:012}")
        await a_message_in(store, State.ACCEPTED, id=name, **SUBMISSION)
    assert await hold_back(store, FixedClock()) == {State.IN_DOUBT: 10}


async def due(store: SqliteStore) -> list[MessageId]:
    leased = await store.lease_due(channel="main", now=soon(), limit=10)
    return [message.id for message in leased]


def soon() -> datetime:
    return NOON + timedelta(seconds=1)


async def test_messages_of_one_order_are_decided_about_one_after_the_other(
    store: SqliteStore,
) -> None:
    held = []
    for number in range(3):
        name = MessageId(f"0c9a5a1e-0000-4000-8000-{number:012}")
        message = a_message(id=name, state=State.ACCEPTED, attempts=0, **SUBMISSION)
        entry = Entry(at=NOON, event="message.accepted", state=message.state)
        held.append(await store.accept(message, [], [entry], terms=Terms(order_key=bytes(32))))
    assert [message.waits_in_line for message in held] == [False, True, True]
    assert await hold_back(store, FixedClock()) == {State.IN_DOUBT: 3}
    # The authority had the first one only: the others are sent again, in their order.
    for message in reversed(held[1:]):
        again = Entry(at=soon(), event="message.replayed", state=State.ACCEPTED)
        replay = Step(
            message_id=message.id,
            start=frozenset({State.IN_DOUBT}),
            entry=again,
            next_attempt_at=soon(),
            deadline_at=soon() + timedelta(days=1),
        )
        assert (await store.advance(replay)).waits_in_line
    assert await due(store) == []
    taken = Entry(at=soon(), event="message.answered", state=State.ANSWERED)
    start = frozenset({State.IN_DOUBT})
    await store.advance(Step(message_id=held[0].id, start=start, entry=taken))
    assert await due(store) == [held[1].id]


async def test_replays_of_many_do_not_go_on_after_a_restore(store: SqliteStore) -> None:
    letters = SqliteLetters(store)
    replay = a_replay(1)
    await letters.begin_replay(replay, [Chosen(message_id=MessageId("x"), event_count=3)])
    await stop_replays(letters, FixedClock())
    assert await letters.running_replays() == []
    stopped = await letters.replay(replay.id)
    assert stopped is not None
    assert (stopped.state, stopped.ended_at) == (ReplayState.STOPPED, NOON)
