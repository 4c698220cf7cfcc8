"""Every move of the life cycle is made by the journey, each by a scenario of its own.

That the database refuses every other move is a test of the store's schema.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from typing_extensions import override

from gateway.errors import AuthorityRefusedError, NotSentError, OutcomeUnknownError
from gateway.flow.desk import Desk
from gateway.flow.expire import expire_overdue
from gateway.flow.replay import Finding
from gateway.messaging.lifecycle import TRANSITIONS, State
from gateway.messaging.operation import Operation
from gateway.messaging.ports import Receipt, WireAnswer
from tests.gateway.flow.world import (
    CALLER,
    QUERY,
    SUBMISSION,
    Authority,
    Behaviour,
    Gate,
    PlainExchange,
    PlainRead,
    Reply,
    World,
    answer,
    ask_for,
)

Scenario = Callable[[], Awaitable[World]]
SOON = timedelta(milliseconds=10)
LATER = NotSentError("x", retry_after=timedelta(hours=1))
UNKNOWN = OutcomeUnknownError("?")
REFUSED = AuthorityRefusedError("no")


def asked(*replies: Reply | Behaviour, operation: Operation = QUERY) -> Scenario:
    """One call, and whatever follows by itself."""

    async def scenario() -> World:
        world = World(Authority(*replies))
        async with world.running() as desk:
            await desk.ask(ask_for(operation=operation))
        return world

    return scenario


def then(
    act: Callable[[World, Desk], Awaitable[object]],
    *replies: Reply | Behaviour,
    operation: Operation = SUBMISSION,
    wait: timedelta | None = None,
) -> Scenario:
    """One call, and then something that somebody does."""

    async def scenario() -> World:
        world = World(Authority(*replies))
        async with world.running() as desk:
            await desk.ask(ask_for(operation=operation, wait=wait))
            await act(world, desk)
        return world

    return scenario


def at_rest(act: Callable[[World, Desk], Awaitable[object]]) -> Scenario:
    """A message that is accepted while its channel is full."""

    async def scenario() -> World:
        gate = Gate()
        world = World(Authority(gate))
        world.channel = replace(world.channel, max_in_flight=1)
        async with world.running() as desk, asyncio.TaskGroup() as group:
            first = group.create_task(desk.ask(ask_for()))
            await gate.reached.wait()
            other = ask_for(operation=SUBMISSION, respond_async=True)
            waiting = (await desk.ask(other)).message
            await act(world, desk)
            gate.go.set()
            await first
        # Of this world only the second message is looked at.
        world.store.messages = {waiting.id: world.store.messages[waiting.id]}
        return world

    return scenario


async def overdue(world: World, _desk: Desk) -> None:
    world.clock.advance(timedelta(days=2))
    await expire_overdue(world.journey)


async def overdue_after_two_attempts(world: World, desk: Desk) -> None:
    async with asyncio.timeout(5):
        while (world.only.state, world.only.attempts) != (State.RETRYING, 2):  # noqa: ASYNC110
            await asyncio.sleep(0)
    await overdue(world, desk)


async def cancelled(world: World, desk: Desk) -> None:
    (message,) = [m for m in world.store.messages.values() if m.state in OPEN]
    await desk.cancel(CALLER, message.id)


async def replayed(world: World, desk: Desk) -> None:
    await desk.replay(CALLER, world.only.id, not_taken=True)
    await world.reaches(State.ANSWERED)


async def answered_late(world: World, desk: Desk) -> None:
    await desk.take_answer(world.only.id, answer())


async def answered_wrongly(world: World, desk: Desk) -> None:
    await desk.take_answer(world.only.id, WireAnswer(body=b"?"))


async def overdue_and_answered(world: World, desk: Desk) -> None:
    await overdue(world, desk)
    await answered_late(world, desk)


async def overdue_and_replayed(world: World, desk: Desk) -> None:
    await overdue(world, desk)
    world.authority.replies = [answer()]
    await replayed(world, desk)


async def found_taken(world: World, desk: Desk) -> None:
    await desk.resolve(CALLER, world.only.id, Finding.TAKEN)


async def given_up(world: World, desk: Desk) -> None:
    await desk.resolve(CALLER, world.only.id, Finding.GIVEN_UP)


async def read_again(world: World, desk: Desk) -> None:
    class Corrected(PlainExchange):
        @override
        def read_answer(self, data: bytes) -> PlainRead:
            return super().read_answer(answer().body if data == b"?" else data)

    world.exchange.__class__ = Corrected
    await desk.reread(CALLER, world.only.id)


OPEN = frozenset({State.ACCEPTED, State.RETRYING})
MOVES: dict[tuple[State, State], Scenario] = {
    (State.ACCEPTED, State.DELIVERING): then(replayed, REFUSED, answer()),
    (State.ACCEPTED, State.CANCELLED): at_rest(cancelled),
    (State.ACCEPTED, State.EXPIRED): at_rest(overdue),
    (State.DELIVERING, State.ANSWERED): asked(answer()),
    (State.DELIVERING, State.AWAITING_ANSWER): asked(Receipt(), operation=SUBMISSION),
    (State.DELIVERING, State.RETRYING): asked(LATER, operation=SUBMISSION),
    (State.DELIVERING, State.INVALID): asked(WireAnswer(body=b"?")),
    (State.DELIVERING, State.DEAD): asked(REFUSED),
    (State.DELIVERING, State.IN_DOUBT): asked(UNKNOWN, operation=SUBMISSION),
    (State.DELIVERING, State.EXPIRED): asked(NotSentError("x", retry_after=timedelta(minutes=1))),
    (State.RETRYING, State.DELIVERING): asked(UNKNOWN, answer()),
    (State.RETRYING, State.DEAD): then(overdue_after_two_attempts, NotSentError("x"), LATER),
    (State.RETRYING, State.EXPIRED): then(overdue, LATER),
    (State.RETRYING, State.CANCELLED): then(cancelled, LATER),
    (State.AWAITING_ANSWER, State.ANSWERED): then(answered_late, Receipt()),
    (State.AWAITING_ANSWER, State.INVALID): then(answered_wrongly, Receipt()),
    (State.AWAITING_ANSWER, State.UNANSWERED): then(overdue, Receipt()),
    (State.AWAITING_ANSWER, State.EXPIRED): then(overdue, Receipt(), operation=QUERY, wait=SOON),
    (State.DEAD, State.ACCEPTED): then(replayed, REFUSED, answer()),
    (State.IN_DOUBT, State.AWAITING_ANSWER): then(found_taken, UNKNOWN),
    (State.IN_DOUBT, State.ANSWERED): then(answered_late, UNKNOWN),
    (State.IN_DOUBT, State.ACCEPTED): then(replayed, UNKNOWN, answer()),
    (State.IN_DOUBT, State.DEAD): then(given_up, UNKNOWN),
    (State.INVALID, State.ANSWERED): then(read_again, WireAnswer(body=b"?")),
    (State.UNANSWERED, State.ANSWERED): then(overdue_and_answered, Receipt()),
    (State.UNANSWERED, State.ACCEPTED): then(overdue_and_replayed, Receipt()),
}


def test_every_move_of_the_life_cycle_has_its_scenario() -> None:
    assert MOVES.keys() == {(start, end) for start, ends in TRANSITIONS.items() for end in ends}


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move[0]} to {move[1]}")
async def test_the_journey_makes_the_move(move: tuple[State, State]) -> None:
    world = await MOVES[move]()
    states = [event.state for event in world.store.events[world.only.id]]
    assert move in set(pairwise(states))
    assert world.only.state is states[-1]
