"""What becomes of messages whose time is over."""

from datetime import timedelta

import pytest
from typing_extensions import override

from gateway.errors import TransitionConflictError
from gateway.flow import expire
from gateway.flow.expire import expire_overdue, expire_query
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId
from gateway.messaging.operation import OperationKind
from gateway.messaging.ports import Step
from tests.gateway.flow.memory_store import MemoryStore
from tests.gateway.flow.world import MESSAGE_ID, World, a_message


@pytest.mark.parametrize(
    ("kind", "state", "code", "attempts", "rests"),
    [
        ("query", "accepted", None, 0, "expired"),
        ("query", "retrying", "outcome-unknown", 2, "expired"),
        ("query", "awaiting_answer", None, 1, "expired"),
        ("submission", "accepted", None, 0, "expired"),
        ("submission", "retrying", "not-sent", 1, "expired"),
        ("submission", "retrying", "authority-busy", 1, "expired"),
        ("submission", "retrying", "peer-untrusted", 1, "expired"),
        ("submission", "retrying", "not-sent", 2, "dead"),
        ("submission", "retrying", "outcome-unknown", 1, "dead"),
        ("submission", "awaiting_answer", None, 1, "unanswered"),
    ],
)
async def test_overdue_message_comes_to_rest(
    kind: str, state: str, code: str | None, attempts: int, rests: str
) -> None:
    world = World()
    await world.store.accept(
        a_message(kind=OperationKind(kind), state=State(state), code=code, attempts=attempts),
        [],
        [],
    )
    await expire_overdue(world.journey)
    assert world.only.state == state
    world.clock.advance(timedelta(seconds=30))
    await expire_overdue(world.journey)
    assert (world.only.state, world.only.code) == (rests, "message-expired")


async def test_any_number_of_messages_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expire, "BATCH", 2)
    world = World()
    for number in range(5):
        message = a_message(id=MessageId(str(number)), state=State.ACCEPTED)
        await world.store.accept(message, [], [])
    world.clock.advance(timedelta(hours=1))
    await expire_overdue(world.journey)
    assert {message.state for message in world.store.messages.values()} == {State.EXPIRED}


async def test_message_that_moves_in_the_same_moment_is_left() -> None:
    class Racing(MemoryStore):
        @override
        async def advance(self, step: Step) -> Message:
            raise TransitionConflictError("It moved.")

    world = World(store=Racing())
    await world.store.accept(a_message(state=State.ACCEPTED), [], [])
    world.clock.advance(timedelta(hours=1))
    await expire_overdue(world.journey)
    assert world.only.state is State.ACCEPTED


@pytest.mark.parametrize("state", ["accepted", "delivering", "retrying", "awaiting_answer"])
async def test_query_without_its_caller_expires_from_anywhere(state: str) -> None:
    world = World()
    await world.store.accept(a_message(state=State(state)), [], [])
    await expire_query(world.journey, MESSAGE_ID)
    assert world.only.state is State.EXPIRED
    assert world.only.next_attempt_at is None


async def test_query_answered_in_the_same_moment_stays_answered() -> None:
    world = World()
    await world.store.accept(a_message(state=State.ANSWERED), [], [])
    await expire_query(world.journey, MESSAGE_ID)
    assert world.only.state is State.ANSWERED
