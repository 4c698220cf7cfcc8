"""What a message is ordered by, and what its callers and the log see of the line."""

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from typing import Any

import pytest
from typing_extensions import override

from gateway.errors import (
    AuthorityRefusedError,
    NotSentError,
    OutcomeUnknownError,
    TransitionConflictError,
)
from gateway.flow.call import Pending, Settled
from gateway.flow.check import permit
from gateway.flow.directory import Directory
from gateway.flow.examine import check_call, examine
from gateway.flow.order import order_faults, order_key
from gateway.flow.replay import Finding
from gateway.flow.search import blocked_by
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.operation import Operation
from gateway.messaging.party import Caller
from tests.gateway.flow.near_workers import NearWorkers
from tests.gateway.flow.world import (
    AUTHORITY,
    CALLER,
    MESSAGE_ID,
    NOON,
    QUERY,
    SUBMISSION,
    Authority,
    Gate,
    World,
    answer,
    ask_for,
)

KEY = bytes(32)
AMENDMENT = replace(SUBMISSION, order=("/name",))


@dataclass
class OrderedWorld(World):
    """A world whose submissions are ordered by name."""

    operation: Operation = AMENDMENT

    @property
    @override
    def directory(self) -> Directory:
        plain = super().directory
        return replace(plain, operations={**plain.operations, SUBMISSION.key: self.operation})


def key_of(
    document: Any = None, *, order: tuple[str, ...] | None = ("/name",), **changes: Any
) -> bytes | None:
    """What a submission is ordered by."""
    authority = changes.pop("authority", AUTHORITY)
    operation = replace(SUBMISSION, order=order, name=changes.pop("name", SUBMISSION.name))
    call = ask_for(document, operation=SUBMISSION, **changes)
    permitted = permit(call, World().directory)
    return order_key(call, replace(permitted, operation=operation), authority, key=KEY)


def test_messages_with_the_same_values_have_the_same_key() -> None:
    assert key_of({"name": "Ada"}) == key_of({"number": 1, "name": "Ada"})
    assert len(key_of({"name": "Ada"}) or b"") == 32


def test_another_value_recipient_operation_caller_or_secret_is_another_key() -> None:
    other = Caller(name="other", party=CALLER.party, grants=CALLER.grants)
    keys = [
        key_of(),
        key_of({"name": "Bob"}),
        key_of(authority="ags:09999999"),
        key_of(name="residents/else"),
        key_of(caller=other),
        key_of(caller=replace(CALLER, tenant="other")),
        key_of(order=("/name", "/number")),
        key_of(order=()),
    ]
    assert len(set(keys)) == len(keys)
    assert None not in keys


def test_without_an_order_or_without_any_of_its_values_there_is_no_key() -> None:
    assert key_of(order=None) is None
    assert key_of({"name": "Ada"}, order=("/number",)) is None
    assert key_of({"name": "Ada"}, order=("/number", "/name")) is not None


def test_an_order_that_cannot_be_kept_is_a_fault() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    operations = {
        "sound": AMENDMENT,
        "unordered": SUBMISSION,
        "query": replace(QUERY, order=("/name",)),
        "nowhere": replace(SUBMISSION, order=("/nam",)),
    }
    faults = order_faults(operations, lambda _key: schema)
    assert [(fault.rule, fault.pointer) for fault in faults] == [
        (QUERY.key, None),
        (SUBMISSION.key, "/nam"),
    ]


async def test_a_large_call_is_ordered_like_a_small_one() -> None:
    world = OrderedWorld()
    call = ask_for({"name": "Ada"}, operation=SUBMISSION)
    more: dict[str, Any] = {"message_id": MESSAGE_ID, "now": NOON, "fingerprint_key": KEY}
    small = await examine(None, call, world.directory, **more)
    large = await examine(NearWorkers(world.directory, 1), call, world.directory, **more)
    terms = small.check().terms
    assert terms is not None
    assert large.check().terms == terms
    # A check that accepts nothing needs no order.
    preview = await check_call(None, call, world.directory, message_id=MESSAGE_ID, now=NOON)
    assert preview.terms is None


async def both(world: World, first: str, second: str) -> tuple[list[Message], list[Any]]:
    """Two callers who wait, the second one beginning while the first one's message is out."""
    gate = Gate()
    world.authority.replies.insert(0, gate)
    async with world.running() as desk, asyncio.TaskGroup() as group:
        asking = [group.create_task(desk.ask(ask_for({"name": first}, operation=SUBMISSION)))]
        await gate.reached.wait()
        asking.append(group.create_task(desk.ask(ask_for({"name": second}, operation=SUBMISSION))))
        async with asyncio.timeout(5):
            while len(world.store.messages) < 2:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0)
        seen = list(world.store.messages.values())
        gate.go.set()
    return seen, [one.result() for one in asking]


async def test_a_caller_behind_another_message_waits_in_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    world = OrderedWorld()
    seen, told = await both(world, "Ada", "Ada")
    assert [one.waits_in_line for one in seen] == [False, True]
    assert [type(one) for one in told] == [Settled, Settled]
    assert [one.message.state for one in told] == [State.ANSWERED, State.ANSWERED]
    names = [json.loads(one.body[1:-1])["messageId"] for one in world.authority.got]
    assert names == [one.id for one in seen]
    (waits,) = [r for r in caplog.records if vars(r).get("event") == "order.waits"]
    assert vars(waits)["message_id"] == seen[1].id


async def test_a_message_that_is_tried_again_holds_nobody_up_for_a_decision(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    world = OrderedWorld(Authority(NotSentError("no"), answer()))
    async with world.running() as desk:
        await desk.ask(ask_for(operation=SUBMISSION))
        await world.reaches(State.ANSWERED)
    assert world.only.attempts == 2
    assert not [r for r in caplog.records if vars(r).get("event") == "order.held_up"]


async def test_another_key_does_not_wait() -> None:
    seen, _ = await both(OrderedWorld(Authority(answer())), "Ada", "Bob")
    assert [one.waits_in_line for one in seen] == [False, False]


async def test_who_rests_holds_others_up_until_it_is_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    world = OrderedWorld(Authority(OutcomeUnknownError("?"), answer()))
    async with world.running() as desk:
        first = await desk.ask(ask_for(operation=SUBMISSION))
        second = await desk.ask(ask_for(operation=SUBMISSION, respond_async=True))
        assert first.message.state is State.IN_DOUBT
        assert isinstance(second, Pending)
        waiting = await desk.message(CALLER, second.message.id)
        assert await blocked_by(desk.store, [waiting]) == {waiting.id: first.message.id}
        assert await blocked_by(desk.store, [first.message]) == {}
        after = await desk.resolve(CALLER, first.message.id, Finding.GIVEN_UP)
        assert (after.state, after.in_line) == (State.DEAD, False)
        async with asyncio.timeout(5):
            while (await desk.message(CALLER, waiting.id)).state is not State.ANSWERED:  # noqa: ASYNC110
                await asyncio.sleep(0)
        history = await desk.history(CALLER, first.message.id)
        assert (history[-1].event, history[-1].state) == ("order.given_up", State.DEAD)
        with pytest.raises(TransitionConflictError):
            await desk.resolve(CALLER, first.message.id, Finding.GIVEN_UP)
    held_up = [r for r in caplog.records if vars(r).get("event") == "order.held_up"]
    assert [vars(one)["message_id"] for one in held_up] == [first.message.id]


async def test_a_dead_message_that_is_given_up_stays_dead() -> None:
    world = OrderedWorld(Authority(AuthorityRefusedError("no")))
    async with world.running() as desk:
        told = await desk.ask(ask_for(operation=SUBMISSION))
        assert told.message.in_line
        after = await desk.resolve(CALLER, told.message.id, Finding.GIVEN_UP)
        assert (after.state, after.in_line) == (State.DEAD, False)
        # It holds nobody up any more, so there is nothing to give up.
        with pytest.raises(TransitionConflictError):
            await desk.resolve(CALLER, told.message.id, Finding.GIVEN_UP)


async def test_a_message_that_moves_is_not_given_up() -> None:
    world = OrderedWorld()
    seen, _ = await both(world, "Ada", "Ada")
    async with world.running() as desk:
        with pytest.raises(TransitionConflictError):
            await desk.resolve(CALLER, seen[0].id, Finding.GIVEN_UP)
