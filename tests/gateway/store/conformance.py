"""What every message store must do: the promises of ``gateway.messaging.ports.MessageStore``."""

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import UTC, timedelta

import pytest

from gateway.errors import (
    StoreUnavailableError,
    TransitionConflictError,
)
from gateway.messaging import lifecycle
from gateway.messaging.condition import Queue
from gateway.messaging.history import Entry, is_unbroken
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import Attempt, AttemptResult, Message, MessageId, StageKind
from gateway.messaging.ports import MessageStore
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import (
    ANSWER,
    NOW,
    REQUEST,
    WIRE,
    a_message,
    a_step,
    a_waiting_message,
    entry_of,
    later,
    stored,
)

# Moves from a start to each state, so that a test can bring a message anywhere.
_PATHS: dict[State, tuple[State, ...]] = {
    State.ACCEPTED: (),
    State.DELIVERING: (State.DELIVERING,),
    State.RETRYING: (State.DELIVERING, State.RETRYING),
    State.AWAITING_ANSWER: (State.DELIVERING, State.AWAITING_ANSWER),
    State.ANSWERED: (State.DELIVERING, State.ANSWERED),
    State.INVALID: (State.DELIVERING, State.INVALID),
    State.DEAD: (State.DELIVERING, State.DEAD),
    State.IN_DOUBT: (State.DELIVERING, State.IN_DOUBT),
    State.UNANSWERED: (State.DELIVERING, State.AWAITING_ANSWER, State.UNANSWERED),
    State.EXPIRED: (State.EXPIRED,),
    State.CANCELLED: (State.CANCELLED,),
}


async def brought_to(store: MessageStore, state: State, **changes: object) -> Message:
    message = await stored(store, a_message(**changes))
    for next_state in _PATHS[state]:
        message = await store.advance(a_step(message, next_state))
    return message


class MessageStoreConformance(StoreConformance):
    """Inherit, and give the fixture ``make_store``, as ``StoreConformance`` says."""

    # condition

    async def test_queues_hold_what_has_a_planned_attempt(self, store: MessageStore) -> None:
        await brought_to(store, State.ANSWERED)
        assert await store.queues() == []
        await stored(store, a_message(next_attempt_at=later(5)))
        await stored(store, a_message(next_attempt_at=later(3)))
        await stored(store, a_message(channel="berlin", next_attempt_at=later(9)))
        assert sorted(await store.queues(), key=lambda queue: queue.channel) == [
            Queue(channel="berlin", waiting=1, due_since=later(9)),
            Queue(channel="munich", waiting=2, due_since=later(3)),
        ]

    async def test_standing_are_those_that_are_not_final(self, store: MessageStore) -> None:
        for state in State:
            await brought_to(store, state)
        await brought_to(store, State.DEAD)
        open_ended = {state for state, follows in lifecycle.TRANSITIONS.items() if follows}
        assert await store.standing() == dict.fromkeys(open_ended, 1) | {State.DEAD: 2}

    async def test_a_store_that_works_takes_writes(self, store: MessageStore) -> None:
        condition = await store.condition()
        assert condition.writes
        assert condition.free_bytes is None or condition.free_bytes > 0

    async def test_a_store_that_is_closed_says_so(
        self, make_store: Callable[[], MessageStore]
    ) -> None:
        with pytest.raises(StoreUnavailableError):
            await make_store().condition()

    # accept

    async def test_gives_back_an_accepted_message_as_it_was(self, store: MessageStore) -> None:
        message = a_message(
            test=True, purpose="p", case_reference="c", traceparent="00-ab-cd-01", code="x"
        )
        assert await store.get(message.id) is None
        await stored(store, message)
        assert await store.get(message.id) == message

    async def test_keeps_times_to_the_microsecond_in_utc(self, store: MessageStore) -> None:
        message = await stored(store, a_message(next_attempt_at=NOW + timedelta(microseconds=1)))
        found = await store.get(message.id)
        assert found is not None
        assert found.next_attempt_at == NOW + timedelta(microseconds=1)
        assert found.accepted_at.tzinfo is UTC

    async def test_keeps_every_stage_byte_for_byte(self, store: MessageStore) -> None:
        message = await stored(store, a_message())
        assert await store.stage(message.id, StageKind.CANONICAL_REQUEST) == REQUEST
        assert await store.stage(message.id, StageKind.WIRE_REQUEST) == WIRE
        assert await store.stage(message.id, StageKind.WIRE_ANSWER) is None

    async def test_keeps_a_stage_of_several_megabytes(self, store: MessageStore) -> None:
        large = dataclasses.replace(REQUEST, body=bytes(range(256)) * 20_000)
        message = await stored(store, a_message(), [large])
        assert await store.stage(message.id, StageKind.CANONICAL_REQUEST) == large

    async def test_a_message_whose_caller_waits_has_its_first_attempt_open(
        self, store: MessageStore
    ) -> None:
        message = await stored(store, a_waiting_message())
        assert await store.get(message.id) == message
        assert message.attempts == 1
        assert await store.attempts(message.id) == [Attempt(number=1, started_at=NOW)]

    async def test_a_message_that_is_not_under_way_has_no_attempt(
        self, store: MessageStore
    ) -> None:
        message = await stored(store, a_message())
        assert await store.attempts(message.id) == []

    async def test_an_id_is_accepted_once(self, store: MessageStore) -> None:
        message = await stored(store, a_message())
        with pytest.raises(TransitionConflictError):
            await stored(store, dataclasses.replace(message, caller="other"))
        assert await store.get(message.id) == message

    @pytest.mark.parametrize("state", sorted(set(State) - lifecycle.STARTS))
    async def test_no_message_starts_in_a_later_state(
        self, store: MessageStore, state: State
    ) -> None:
        message = a_message(state=state, settled_at=NOW)
        with pytest.raises(TransitionConflictError):
            await stored(store, message)
        assert await store.get(message.id) is None

    async def test_an_accept_is_all_or_nothing(self, store: MessageStore) -> None:
        message = a_message()
        broken = entry_of(State.ACCEPTED, at=NOW.replace(tzinfo=None))
        with pytest.raises(TypeError):
            await store.accept(message, [REQUEST], [entry_of(State.ACCEPTED), broken])
        assert await store.get(message.id) is None
        await stored(store, message)

    async def test_a_hundred_at_once_are_all_there(self, store: MessageStore) -> None:
        messages = [a_message() for _ in range(100)]
        await asyncio.gather(*(stored(store, message) for message in messages))
        assert [await store.get(message.id) for message in messages] == messages

    async def test_one_refused_among_many_at_once_undoes_no_other(
        self, store: MessageStore
    ) -> None:
        known = await stored(store, a_message())
        messages = [a_message() for _ in range(9)]
        results = await asyncio.gather(
            *(stored(store, message) for message in (*messages[:4], known, *messages[4:])),
            return_exceptions=True,
        )
        assert isinstance(results[4], TransitionConflictError)
        assert [await store.get(message.id) for message in messages] == messages
        assert is_unbroken(messages[8].id, await store.history(messages[8].id))

    async def test_a_mistake_in_one_call_reaches_its_caller_and_no_other(
        self, store: MessageStore
    ) -> None:
        broken = a_message(accepted_at=NOW.replace(tzinfo=None))
        sound = a_message()
        results = await asyncio.gather(
            stored(store, broken), stored(store, sound), return_exceptions=True
        )
        assert isinstance(results[0], TypeError)
        assert await store.get(sound.id) == sound

    async def test_a_cancelled_caller_disturbs_nobody(self, store: MessageStore) -> None:
        message = a_message()
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(stored(store, a_message()))
            tasks.create_task(stored(store, message))
            await asyncio.sleep(0)
            waiting.cancel()
        assert await store.get(message.id) == message

    # advance

    async def test_a_step_changes_exactly_what_it_says(self, store: MessageStore) -> None:
        message = await stored(store, a_waiting_message())
        after = await store.advance(
            a_step(
                message,
                State.RETRYING,
                entry=entry_of(State.RETRYING, code="not-sent"),
                next_attempt_at=later(5),
                ends_attempt=AttemptResult.NOT_SENT,
                deadline_at=later(60),
            )
        )
        assert after == dataclasses.replace(
            message,
            state=State.RETRYING,
            next_attempt_at=later(5),
            deadline_at=later(60),
            code="not-sent",
        )
        assert await store.get(message.id) == after

    async def test_an_answer_settles_the_message(self, store: MessageStore) -> None:
        message = await stored(store, a_waiting_message())
        after = await store.advance(
            a_step(
                message,
                State.ANSWERED,
                outcome=Outcome.REJECTED,
                ends_attempt=AttemptResult.ANSWERED,
                stages=[ANSWER],
            )
        )
        assert after.settled_at == later(1)
        assert after.outcome is Outcome.REJECTED
        assert await store.get(message.id) == after
        assert await store.stage(message.id, StageKind.WIRE_ANSWER) == ANSWER

    async def test_leaving_a_settled_state_clears_when_it_settled(
        self, store: MessageStore
    ) -> None:
        dead = await brought_to(store, State.DEAD)
        assert dead.settled_at == later(1)
        replayed = await store.advance(a_step(dead, State.ACCEPTED, next_attempt_at=later(2)))
        assert replayed.settled_at is None
        assert await store.get(dead.id) == replayed

    async def test_a_step_that_says_nothing_new_keeps_outcome_and_deadline(
        self, store: MessageStore
    ) -> None:
        doubtful = await brought_to(store, State.DELIVERING)
        doubtful = await store.advance(
            a_step(doubtful, State.IN_DOUBT, outcome=Outcome.REJECTED, deadline_at=later(99))
        )
        after = await store.advance(a_step(doubtful, State.DEAD))
        assert (after.outcome, after.deadline_at) == (Outcome.REJECTED, later(99))

    async def test_attempts_are_counted_opened_and_closed(self, store: MessageStore) -> None:
        message = await stored(store, a_waiting_message())
        message = await store.advance(
            a_step(
                message,
                State.RETRYING,
                entry=entry_of(State.RETRYING, code="not-sent", at=later(2)),
                ends_attempt=AttemptResult.NOT_SENT,
            )
        )
        message = await store.advance(
            a_step(
                message,
                State.DELIVERING,
                entry=entry_of(State.DELIVERING, at=later(3)),
                begins_attempt=True,
            )
        )
        assert message.attempts == 2
        message = await store.advance(
            a_step(
                message,
                State.ANSWERED,
                entry=entry_of(State.ANSWERED, at=later(4)),
                ends_attempt=AttemptResult.ANSWERED,
            )
        )
        assert await store.attempts(message.id) == [
            Attempt(
                number=1,
                started_at=NOW,
                ended_at=later(2),
                result=AttemptResult.NOT_SENT,
                code="not-sent",
            ),
            Attempt(
                number=2, started_at=later(3), ended_at=later(4), result=AttemptResult.ANSWERED
            ),
        ]

    async def test_reading_an_answer_again_replaces_its_stage(self, store: MessageStore) -> None:
        message = await stored(store, a_waiting_message())
        message = await store.advance(a_step(message, State.INVALID, stages=[ANSWER]))
        again = dataclasses.replace(ANSWER, map_version="xmeld/person-answer@2")
        await store.advance(a_step(message, State.ANSWERED, stages=[again]))
        assert await store.stage(message.id, StageKind.WIRE_ANSWER) == again

    @pytest.mark.parametrize("start", list(State))
    async def test_moves_are_those_of_the_life_cycle(
        self, store: MessageStore, start: State
    ) -> None:
        for end in State:
            message = await brought_to(store, start)
            if end is start or lifecycle.may_move(start, end):
                assert (await store.advance(a_step(message, end))).state is end
            else:
                with pytest.raises(TransitionConflictError):
                    await store.advance(a_step(message, end))
                assert await store.get(message.id) == message

    async def test_a_step_that_stays_adds_to_the_history_and_changes_nothing_else(
        self, store: MessageStore
    ) -> None:
        message = await brought_to(store, State.EXPIRED)
        events = len(await store.history(message.id))
        after = await store.advance(a_step(message, State.EXPIRED, stages=[ANSWER]))
        assert after == message
        assert len(await store.history(message.id)) == events + 1
        assert await store.stage(message.id, StageKind.WIRE_ANSWER) == ANSWER

    async def test_a_step_from_another_state_is_refused_and_writes_nothing(
        self, store: MessageStore
    ) -> None:
        message = await brought_to(store, State.RETRYING)
        history = await store.history(message.id)
        step = a_step(message, State.EXPIRED, start=frozenset({State.ACCEPTED}), stages=[ANSWER])
        with pytest.raises(TransitionConflictError):
            await store.advance(step)
        assert await store.get(message.id) == message
        assert await store.history(message.id) == history
        assert await store.stage(message.id, StageKind.WIRE_ANSWER) is None

    async def test_a_step_of_an_unknown_message_is_refused(self, store: MessageStore) -> None:
        with pytest.raises(TransitionConflictError):
            await store.advance(a_step(a_message(), State.CANCELLED))

    async def test_of_two_steps_at_once_one_is_carried_out(self, store: MessageStore) -> None:
        message = await stored(store, a_message())
        results = await asyncio.gather(
            store.advance(a_step(message, State.CANCELLED)),
            store.advance(a_step(message, State.EXPIRED)),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, TransitionConflictError)]
        assert len(refused) == 1
        assert len(await store.history(message.id)) == 2

    # history

    async def test_history_is_an_unbroken_chain(self, store: MessageStore) -> None:
        message = a_waiting_message()
        entries = [
            Entry(at=NOW, event="message.accepted", state=State.DELIVERING),
            Entry(at=NOW, event="delivery.started", state=State.DELIVERING, attempt=1),
        ]
        await store.accept(message, [], entries)
        await store.advance(
            a_step(
                message,
                State.DEAD,
                entry=entry_of(State.DEAD, code="authority-refused", detail="Straße", attempt=1),
            )
        )
        events = await store.history(message.id)
        assert [(event.number, event.event, event.state) for event in events] == [
            (1, "message.accepted", State.DELIVERING),
            (2, "delivery.started", State.DELIVERING),
            (3, "message.dead", State.DEAD),
        ]
        assert (events[2].code, events[2].detail) == ("authority-refused", "Straße")
        assert is_unbroken(message.id, events)

    async def test_history_in_another_time_zone_is_the_same_moment(
        self, store: MessageStore
    ) -> None:
        message = a_message()
        elsewhere = NOW.astimezone(tz=None)
        await store.accept(
            message, [], [Entry(at=elsewhere, event="message.accepted", state=State.ACCEPTED)]
        )
        events = await store.history(message.id)
        assert events[0].at == NOW
        assert is_unbroken(message.id, events)

    async def test_an_unknown_message_has_nothing(self, store: MessageStore) -> None:
        unknown = MessageId("00000000-0000-0000-0000-000000000000")
        assert await store.get(unknown) is None
        assert await store.history(unknown) == []
        assert await store.attempts(unknown) == []
        assert await store.stage(unknown, StageKind.WIRE_REQUEST) is None
