"""What every message store must do for deliveries: what is due, overdue, or was cut off."""

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable

import pytest

from gateway.errors import StoreUnavailableError, TransitionConflictError
from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Attempt, AttemptResult, StageKind
from gateway.messaging.ports import MessageStore
from tests.gateway.store.conformance import brought_to
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import (
    NOW,
    WIRE,
    a_message,
    a_step,
    a_waiting_message,
    entry_of,
    later,
    stored,
)


class DueConformance(StoreConformance):
    """Inherit, and give the fixture ``make_store``, as ``StoreConformance`` says."""

    # lease_due

    async def test_due_messages_are_taken_the_oldest_due_first(self, store: MessageStore) -> None:
        second = await stored(store, a_message(next_attempt_at=later(-1)))
        first = await stored(store, a_message(next_attempt_at=later(-2)))
        await stored(store, a_message(next_attempt_at=later(1)))
        await stored(store, a_waiting_message())
        leased = await store.lease_due(channel="munich", now=NOW, limit=10)
        assert [message.id for message in leased] == [first.id, second.id]
        assert leased[0] == dataclasses.replace(
            first, state=State.DELIVERING, attempts=1, next_attempt_at=None
        )
        assert await store.get(first.id) == leased[0]
        assert await store.attempts(first.id) == [Attempt(number=1, started_at=NOW)]

    async def test_taking_a_message_is_an_event_of_its_attempt(self, store: MessageStore) -> None:
        message = await stored(store, a_message())
        await store.lease_due(channel="munich", now=later(1), limit=1)
        event = (await store.history(message.id))[-1]
        assert (event.event, event.state, event.attempt, event.at) == (
            "delivery.started",
            State.DELIVERING,
            1,
            later(1),
        )

    async def test_a_retry_is_taken_when_it_is_due(self, store: MessageStore) -> None:
        message = await stored(store, a_waiting_message())
        await store.advance(
            a_step(
                message,
                State.RETRYING,
                next_attempt_at=later(5),
                ends_attempt=AttemptResult.NOT_SENT,
            )
        )
        assert await store.lease_due(channel="munich", now=later(4), limit=10) == []
        assert [
            found.attempts
            for found in await store.lease_due(channel="munich", now=later(5), limit=10)
        ] == [2]

    async def test_only_messages_of_the_channel_are_taken(self, store: MessageStore) -> None:
        await stored(store, a_message(channel="berlin"))
        message = await stored(store, a_message())
        leased = await store.lease_due(channel="munich", now=NOW, limit=10)
        assert [found.id for found in leased] == [message.id]

    async def test_no_more_than_asked_for_are_taken(self, store: MessageStore) -> None:
        for _ in range(3):
            await stored(store, a_message())
        assert len(await store.lease_due(channel="munich", now=NOW, limit=2)) == 2
        assert len(await store.lease_due(channel="munich", now=NOW, limit=2)) == 1

    async def test_nothing_is_taken_after_its_deadline(self, store: MessageStore) -> None:
        await stored(store, a_message(deadline_at=NOW))
        assert await store.lease_due(channel="munich", now=NOW, limit=1) == []

    async def test_two_who_take_at_once_never_take_the_same(self, store: MessageStore) -> None:
        messages = [await stored(store, a_message()) for _ in range(20)]
        taken = await asyncio.gather(
            *(store.lease_due(channel="munich", now=NOW, limit=7) for _ in range(4))
        )
        ids = [message.id for leased in taken for message in leased]
        assert sorted(ids) == sorted(message.id for message in messages)

    async def test_who_was_away_does_not_end_the_attempt_of_another(
        self, store: MessageStore
    ) -> None:
        first = await stored(store, a_waiting_message())
        interrupted = a_step(
            first, State.RETRYING, next_attempt_at=NOW, ends_attempt=AttemptResult.INTERRUPTED
        )
        await store.advance(interrupted)
        (second,) = await store.lease_due(channel="munich", now=NOW, limit=1)
        for attempt, refused in ((1, True), (2, False)):
            entry = entry_of(State.ANSWERED, attempt=attempt)
            step = a_step(second, State.ANSWERED, entry=entry, ends_attempt=AttemptResult.ANSWERED)
            with pytest.raises(TransitionConflictError) if refused else contextlib.nullcontext():
                await store.advance(step)
        assert [one.result for one in await store.attempts(first.id)] == [
            AttemptResult.INTERRUPTED,
            AttemptResult.ANSWERED,
        ]

    # deadlines

    async def test_overdue_messages_are_those_that_wait_for_something(
        self, store: MessageStore
    ) -> None:
        overdue = [
            await brought_to(store, state, deadline_at=later(seconds))
            for seconds, state in enumerate(
                (State.AWAITING_ANSWER, State.ACCEPTED, State.RETRYING), start=2
            )
        ]
        for state in set(State) - {State.AWAITING_ANSWER, State.ACCEPTED, State.RETRYING}:
            await brought_to(store, state, deadline_at=later(2))
        await stored(store, a_message(deadline_at=later(9)))
        assert await store.past_deadline(now=later(8), limit=10) == overdue
        assert await store.past_deadline(now=later(8), limit=2) == overdue[:2]
        assert await store.past_deadline(now=later(1), limit=10) == []

    async def test_next_due_leaves_channels_out_but_not_their_deadlines(
        self, store: MessageStore
    ) -> None:
        await stored(store, a_message(next_attempt_at=later(3), deadline_at=later(90)))
        berlin = {"channel": "berlin", "deadline_at": later(80)}
        await stored(store, a_message(next_attempt_at=later(5), **berlin))
        assert await store.next_due_at(but=["hamburg"]) == later(3)
        assert await store.next_due_at(but={"munich"}) == later(5)
        assert await store.next_due_at(but=["munich", "berlin"]) == later(80)

    async def test_what_a_clock_planned_before_it_was_set_back_is_planned_anew(
        self, store: MessageStore
    ) -> None:
        near = await stored(store, a_message(next_attempt_at=later(10), deadline_at=later(9000)))
        far = await stored(store, a_message(next_attempt_at=later(3600), deadline_at=later(9000)))
        again = await store.advance(a_step(far, State.DELIVERING))
        again = await store.advance(a_step(again, State.RETRYING, next_attempt_at=later(3601)))
        done = await stored(store, a_waiting_message())
        assert await store.plan_anew(later_than=later(10), now=NOW) == 1
        for message, due in ((near, later(10)), (again, NOW), (done, None)):
            found = await store.get(message.id)
            assert found == dataclasses.replace(message, next_attempt_at=due)
        assert await store.plan_anew(later_than=later(10), now=NOW) == 0
        leased = await store.lease_due(channel="munich", now=NOW, limit=9)
        assert [message.id for message in leased] == [far.id]

    async def test_next_due_is_the_nearest_delivery_or_deadline(self, store: MessageStore) -> None:
        assert await store.next_due_at() is None
        await stored(store, a_waiting_message(deadline_at=later(1)))
        await brought_to(store, State.CANCELLED, deadline_at=later(1))
        assert await store.next_due_at() is None
        await brought_to(store, State.AWAITING_ANSWER, deadline_at=later(50))
        assert await store.next_due_at() == later(50)
        await stored(store, a_message(next_attempt_at=later(60), deadline_at=later(40)))
        assert await store.next_due_at() == later(40)
        await stored(store, a_message(next_attempt_at=later(20), deadline_at=later(90)))
        assert await store.next_due_at() == later(20)
        await stored(
            store, a_message(channel="aachen", next_attempt_at=later(30), deadline_at=later(90))
        )
        assert await store.next_due_at() == later(20)
        await stored(
            store, a_message(channel="zwickau", next_attempt_at=later(10), deadline_at=later(90))
        )
        assert await store.next_due_at() == later(10)

    # recovery

    async def test_open_attempts_are_found_after_a_start(
        self, make_store: Callable[[], MessageStore]
    ) -> None:
        store = make_store()
        await store.open()
        waited = await stored(store, a_waiting_message())
        await stored(store, a_message())
        leased = await store.lease_due(channel="munich", now=NOW, limit=1)
        await brought_to(store, State.ANSWERED)
        await store.close()

        again = make_store()
        await again.open()
        assert await again.interrupted() == [waited, *leased]
        assert await again.stage(waited.id, StageKind.WIRE_REQUEST) == WIRE
        assert is_unbroken(waited.id, await again.history(waited.id))
        await again.close()

    async def test_what_is_under_way_is_finished_before_it_closes(
        self, make_store: Callable[[], MessageStore]
    ) -> None:
        store = make_store()
        await store.open()
        messages = [a_message() for _ in range(100)]
        async with asyncio.TaskGroup() as tasks:
            for message in messages:
                tasks.create_task(stored(store, message))
            await asyncio.sleep(0)
            await store.close()
        again = make_store()
        await again.open()
        assert [await again.get(message.id) for message in messages] == messages
        await again.close()

    async def test_a_closed_store_is_unavailable(
        self, make_store: Callable[[], MessageStore]
    ) -> None:
        store = make_store()
        with pytest.raises(StoreUnavailableError):
            await store.next_due_at()
        await store.open()
        await store.close()
        await store.close()
        with pytest.raises(StoreUnavailableError):
            await stored(store, a_message())
