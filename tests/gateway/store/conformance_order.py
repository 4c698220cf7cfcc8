"""What every message store must do for order per key: one line a key, one turn at a time."""

import asyncio
import dataclasses
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.errors import KeyTakenError, TransitionConflictError
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim, Scope
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message
from gateway.messaging.order import FREE, GIVEN_UP_FROM, Line
from gateway.messaging.ports import MessageFilter, MessageStore
from gateway.messaging.terms import Terms
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import (
    NOW,
    REQUEST,
    WIRE,
    a_message,
    a_step,
    a_waiting_message,
    later,
    stored,
)

KEY = bytes(31) + b"\x01"
OTHER = bytes(31) + b"\x02"
_WAYS: dict[State, Sequence[State]] = {
    State.RETRYING: (State.RETRYING,),
    State.AWAITING_ANSWER: (State.AWAITING_ANSWER,),
    State.ANSWERED: (State.ANSWERED,),
    State.INVALID: (State.INVALID,),
    State.DEAD: (State.DEAD,),
    State.IN_DOUBT: (State.IN_DOUBT,),
    State.UNANSWERED: (State.AWAITING_ANSWER, State.UNANSWERED),
    State.EXPIRED: (State.EXPIRED,),
    State.CANCELLED: (State.RETRYING, State.CANCELLED),
    State.DELIVERING: (),
}
"""From an attempt under way to each state it may lead to."""


async def joined(
    store: MessageStore, key: bytes = KEY, *, message: Message | None = None
) -> Message:
    """Accept a message that is ordered by a key; as the store says it is."""
    message = message or a_message()
    entry = Entry(at=message.accepted_at, event="message.accepted", state=message.state)
    return await store.accept(message, (REQUEST, WIRE), [entry], terms=Terms(order_key=key))


async def leased(store: MessageStore, at: datetime = NOW) -> list[Message]:
    return await store.lease_due(channel="munich", now=at, limit=10)


async def settled(store: MessageStore, message: Message, state: State) -> Message:
    """Bring a message with an attempt under way to a state."""
    for end in _WAYS[state]:
        changes = {"next_attempt_at": later(1)} if end is State.RETRYING else {}
        message = await store.advance(a_step(message, end, **changes))
    return message


async def given_up(store: MessageStore, message: Message) -> Message:
    end = State.DEAD if message.state is State.IN_DOUBT else message.state
    return await store.advance(a_step(message, end, leaves_line=True))


class OrderConformance(StoreConformance):
    """Inherit, and give the fixture ``make_store``, as ``StoreConformance`` says."""

    async def test_the_first_of_a_key_is_due_and_the_others_wait(self, store: MessageStore) -> None:
        first = await joined(store)
        second = await joined(store)
        assert first.in_line
        assert not first.waits_in_line
        assert second.waits_in_line
        assert await store.get(second.id) == second
        assert await store.get(first.id) == first
        assert [one.id for one in await leased(store)] == [first.id]
        assert await leased(store) == []

    async def test_keys_do_not_wait_for_each_other(self, store: MessageStore) -> None:
        first, other = await joined(store), await joined(store, OTHER)
        plain = await stored(store, a_message())
        assert {one.id for one in await leased(store)} == {first.id, other.id, plain.id}
        assert (await store.get(plain.id) or plain).in_line is None

    @pytest.mark.parametrize("state", sorted(FREE))
    async def test_a_finished_message_lets_the_next_one_go(
        self, store: MessageStore, state: State
    ) -> None:
        first, second, third = [await joined(store) for _ in range(3)]
        await leased(store)
        after = await settled(store, (await store.get(first.id)) or first, state)
        assert after.in_line is False
        assert [one.id for one in await leased(store, later(1))] == [second.id]
        assert ((await store.get(third.id)) or third).waits_in_line

    @pytest.mark.parametrize("state", sorted(_WAYS.keys() - FREE))
    async def test_an_unfinished_message_holds_the_next_one_back(
        self, store: MessageStore, state: State
    ) -> None:
        first, second = await joined(store), await joined(store)
        await leased(store)
        after = await settled(store, (await store.get(first.id)) or first, state)
        assert after.in_line is True
        assert second.id not in [one.id for one in await leased(store, later(100))]
        assert ((await store.get(second.id)) or second).waits_in_line

    @pytest.mark.parametrize("state", sorted(GIVEN_UP_FROM))
    async def test_a_message_that_is_given_up_lets_the_next_one_go_and_is_not_sent_again(
        self, store: MessageStore, state: State
    ) -> None:
        first, second = await joined(store), await joined(store)
        await leased(store)
        rests = await settled(store, (await store.get(first.id)) or first, state)
        after = await given_up(store, rests)
        assert after.in_line is False
        assert [one.id for one in await leased(store, later(1))] == [second.id]
        if after.state in (State.DEAD, State.UNANSWERED):
            with pytest.raises(TransitionConflictError):
                await store.advance(a_step(after, State.ACCEPTED, next_attempt_at=NOW))
        assert await store.get(after.id) == after

    async def test_a_replayed_message_goes_before_those_that_waited_behind_it(
        self, store: MessageStore
    ) -> None:
        first, second = await joined(store), await joined(store)
        await leased(store)
        dead = await settled(store, (await store.get(first.id)) or first, State.DEAD)
        await store.advance(a_step(dead, State.ACCEPTED, next_attempt_at=NOW))
        (again,) = await leased(store)
        assert again.id == first.id
        await settled(store, again, State.ANSWERED)
        assert [one.id for one in await leased(store, later(1))] == [second.id]

    async def test_a_message_that_waits_can_leave_from_the_middle(
        self, store: MessageStore
    ) -> None:
        first, second, third = [await joined(store) for _ in range(3)]
        gone = await store.advance(a_step(second, State.CANCELLED))
        assert gone.in_line is False
        assert [one.id for one in await leased(store)] == [first.id]
        assert ((await store.get(third.id)) or third).waits_in_line

    async def test_a_replay_out_of_its_turn_waits_for_it(self, store: MessageStore) -> None:
        # As after a restore: several of one key may have been sent, and rest in doubt.
        first, second = await joined(store), await joined(store)
        for one in (first, second):
            sent = await store.advance(a_step(one, State.DELIVERING, begins_attempt=True))
            await store.advance(a_step(sent, State.IN_DOUBT))
        doubtful = await store.get(second.id) or second
        again = await store.advance(
            a_step(doubtful, State.ACCEPTED, next_attempt_at=NOW, deadline_at=later(61))
        )
        assert again.waits_in_line
        assert await store.get(second.id) == again
        assert await leased(store, later(1)) == []
        await given_up(store, await store.get(first.id) or first)
        (turn,) = await leased(store, later(1))
        assert (turn.id, turn.deadline_at) == (second.id, later(61))

    async def test_time_to_deliver_counts_from_the_turn_on(self, store: MessageStore) -> None:
        first, second = await joined(store), await joined(store)
        assert await store.past_deadline(now=later(10_000), limit=9) == [first]
        (turn,) = await leased(store)
        answered = a_step(turn, State.ANSWERED)
        at = later(29)
        await store.advance(
            dataclasses.replace(answered, entry=dataclasses.replace(answered.entry, at=at))
        )
        after = await store.get(second.id)
        assert after is not None
        assert (after.next_attempt_at, after.deadline_at) == (at, at + timedelta(seconds=30))
        assert not after.waits_in_line

    async def test_a_message_that_waits_is_not_due(self, store: MessageStore) -> None:
        await joined(store)
        await joined(store)
        await leased(store)
        assert (await store.next_due_at() or NOW).year == 9999
        assert await store.past_deadline(now=later(10**9), limit=9) == []
        assert await store.queues() == []

    async def test_a_refused_acceptance_takes_no_place(self, store: MessageStore) -> None:
        scope = Scope(tenant="default", caller="city", operation="residents/search", key="k")
        claim = Claim(scope=scope, fingerprint=bytes(32))
        await store.accept(a_message(), [], [], claim=claim)
        with pytest.raises(KeyTakenError):
            await store.accept(a_message(), [], [], claim=claim, terms=Terms(order_key=KEY))
        assert not (await joined(store)).waits_in_line

    async def test_many_accepted_at_once_have_one_turn(self, store: MessageStore) -> None:
        messages = await asyncio.gather(*(joined(store) for _ in range(30)))
        assert sum(not one.waits_in_line for one in messages) == 1
        seen = []
        while found := await leased(store, later(1)):
            assert len(found) == 1
            seen.append(found[0].id)
            await settled(store, found[0], State.ANSWERED)
        assert sorted(seen) == sorted(one.id for one in messages)

    # what is told

    async def test_who_waits_is_told_whom_for(self, store: MessageStore) -> None:
        first, second, third = [await joined(store) for _ in range(3)]
        plain = await stored(store, a_message())
        asked = [one.id for one in (first, second, third, plain)]
        assert await store.lines.blocked_by(asked) == {second.id: first.id, third.id: first.id}
        assert await store.lines.blocked_by([]) == {}

    async def test_lines_are_told_by_channel(self, store: MessageStore) -> None:
        assert await store.lines.lines() == []
        for key in (KEY, KEY, KEY, OTHER):
            await joined(store, key)
        await joined(store, bytes(32), message=a_message(channel="berlin"))
        assert await store.lines.lines() == [
            Line(channel="munich", keys=1, waiting=2, held_up=0, held_up_since=None)
        ]
        for one in await leased(store):
            await settled(store, one, State.DEAD)
        await joined(store, OTHER, message=a_message(accepted_at=later(5)))
        assert await store.lines.lines() == [
            Line(channel="munich", keys=2, waiting=3, held_up=2, held_up_since=later(1))
        ]

    async def test_those_that_wait_are_listed(self, store: MessageStore) -> None:
        await joined(store)
        waits = [await joined(store, message=a_message(accepted_at=later(n))) for n in (1, 2, 3)]
        await stored(store, a_waiting_message())
        wanted = MessageFilter(waiting=True)
        page, cursor = await store.find(wanted, limit=2)
        assert page == [waits[2], waits[1]]
        assert await store.find(wanted, limit=2, before=cursor) == ([waits[0]], None)
        assert await store.find(dataclasses.replace(wanted, caller="x"), limit=2) == ([], None)

    @pytest.mark.parametrize("seed", range(10))
    async def test_any_course_delivers_each_key_in_the_order_of_acceptance(
        self, store: MessageStore, seed: int
    ) -> None:
        course = Course(store, random.Random(seed))  # noqa: S311 - for choosing tests
        for _ in range(120):
            await course.step()
        await course.finish()


class Course:
    """A random course of many keys, and what it must never do."""

    def __init__(self, store: MessageStore, rng: random.Random) -> None:
        self.store = store
        self.rng = rng
        self.lines: dict[bytes, list[str]] = {bytes([n]) * 32: [] for n in range(4)}
        """What stands in each line, the first first, as a model keeps it."""
        self.key_of: dict[str, bytes] = {}
        self.known: dict[str, Message] = {}

    async def step(self) -> None:
        await self.rng.choice([self.accept, self.accept, self.lease, self.move, self.move])()
        await self.compare()

    async def accept(self) -> None:
        key = self.rng.choice(list(self.lines))
        message = await joined(self.store, key)
        assert message.waits_in_line == bool(self.lines[key])
        self.lines[key].append(message.id)
        self.key_of[message.id] = key
        self.known[message.id] = message

    async def lease(self) -> None:
        limit = self.rng.randint(1, 3)
        found = await self.store.lease_due(channel="munich", now=later(2), limit=limit)
        for message in found:
            assert self.lines[self.key_of[message.id]][0] == message.id, "it overtook another one"
            self.known[message.id] = message

    async def move(self) -> None:
        """Let any message do any of what it may do next."""
        ids = [one for line in self.lines.values() for one in line]
        if not ids:
            return
        message = self.known[self.rng.choice(ids)]
        end = self.rng.choice(sorted(_NEXT[message.state]))
        if self.rng.random() < 0.2 and message.state in GIVEN_UP_FROM:
            await self.moved(await given_up(self.store, message))
            return
        planned = end in (State.ACCEPTED, State.RETRYING)
        changes: dict[str, Any] = (
            {"next_attempt_at": later(1), "deadline_at": later(90)} if planned else {}
        )
        if message.state is State.DELIVERING:
            changes["ends_attempt"] = AttemptResult.NOT_SENT
        await self.moved(await self.store.advance(a_step(message, end, **changes)))

    async def moved(self, message: Message) -> None:
        self.known[message.id] = message
        if not message.in_line:
            self.lines[self.key_of[message.id]].remove(message.id)

    async def compare(self) -> None:
        """A message waits if and only if it has something to do and is not the first."""
        for line in self.lines.values():
            for place, message_id in enumerate(line):
                message = await self.store.get(self.known[message_id].id)
                assert message is not None
                assert message.in_line
                assert message.waits_in_line == (place > 0 and message.state is State.ACCEPTED)
                self.known[message_id] = message

    async def finish(self) -> None:
        """Let everything go; nothing is left behind."""
        for _ in range(1_000):
            for message in await self.store.lease_due(channel="munich", now=later(2), limit=10):
                assert self.lines[self.key_of[message.id]][0] == message.id
                await self.moved(await settled(self.store, message, State.ANSWERED))
            rest = [line[0] for line in self.lines.values() if line]
            if not rest:
                return
            for message_id in rest:
                message = await self.store.get(self.known[message_id].id) or self.known[message_id]
                if message.state in GIVEN_UP_FROM:
                    await self.moved(await given_up(self.store, message))
                elif message.state is not State.ACCEPTED and message.state is not State.RETRYING:
                    await self.moved(await self.store.advance(a_step(message, State.ANSWERED)))
        pytest.fail("something was left in line")


_NEXT: dict[State, frozenset[State]] = {
    State.ACCEPTED: frozenset({State.CANCELLED}),
    State.DELIVERING: frozenset(
        {State.ANSWERED, State.RETRYING, State.DEAD, State.IN_DOUBT, State.INVALID, State.EXPIRED}
        | {State.AWAITING_ANSWER}
    ),
    State.RETRYING: frozenset({State.CANCELLED, State.DEAD, State.EXPIRED}),
    State.AWAITING_ANSWER: frozenset({State.ANSWERED, State.UNANSWERED, State.INVALID}),
    State.DEAD: frozenset({State.ACCEPTED}),
    State.IN_DOUBT: frozenset({State.ACCEPTED, State.ANSWERED, State.DEAD}),
    State.INVALID: frozenset({State.ANSWERED}),
    State.UNANSWERED: frozenset({State.ACCEPTED, State.ANSWERED}),
}
