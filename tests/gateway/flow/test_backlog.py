"""How many accepted messages may be unsettled at a time."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from typing_extensions import override

from gateway.errors import (
    AuthorityRefusedError,
    BusyError,
    ChannelFullError,
    NotSentError,
    StoreUnavailableError,
    TooManyUnderWayError,
)
from gateway.flow import backlog as module
from gateway.flow.backlog import LONGEST_WAIT, Backlog, BacklogLimits
from gateway.flow.desk import Desk
from gateway.messaging.backlog import BacklogStore, Unsettled
from gateway.messaging.lifecycle import State
from tests.gateway.flow.moments import Moments
from tests.gateway.flow.world import (
    CALLER,
    SUBMISSION,
    Authority,
    Gate,
    World,
    answer,
    ask_for,
    no_letters,
)


class Counts(BacklogStore):
    """What the test says is unsettled."""

    def __init__(self, *found: Unsettled) -> None:
        self.found: Sequence[Unsettled] = found
        self.asked = 0
        self.down = False

    @override
    async def unsettled(self) -> Sequence[Unsettled]:
        self.asked += 1
        if self.down:
            raise StoreUnavailableError("The test took the store down.")
        return self.found


def of_caller(count: int, **changes: str) -> Unsettled:
    values = {"tenant": CALLER.tenant, "caller": CALLER.name, "channel": "main", **changes}
    return Unsettled(count=count, **values)


def desk_of(world: World, backlog: Backlog) -> Desk:
    return Desk(
        store=world.store,
        letter_store=no_letters(),
        clock=world.clock,
        directory=world.directory,
        backlog=backlog,
        witness=backlog,
    )


def room(backlog: Backlog) -> type[BusyError] | None:
    """What stands in the way of one more message; None: nothing does."""
    try:
        backlog.require_room(CALLER, "main")
    except BusyError as error:
        return type(error)
    return None


async def test_each_limit_is_told_by_its_own_error() -> None:
    limits = BacklogLimits(messages=30, per_caller=20, per_channel=10)
    for found, expected in (
        ([of_caller(9)], None),
        ([of_caller(10)], ChannelFullError),
        ([of_caller(10, caller="other")], ChannelFullError),
        ([of_caller(20, channel="other")], TooManyUnderWayError),
        ([of_caller(30, channel="other", caller="other")], BusyError),
        ([of_caller(29, channel="other", tenant="other")], None),
    ):
        backlog = Backlog(Counts(*found), limits)
        await backlog.recount()
        assert room(backlog) is expected


async def test_what_is_accepted_counts_until_it_settles() -> None:
    gate = Gate()
    world = World(Authority(gate))
    backlog = Backlog(Counts(), BacklogLimits(per_channel=1))
    desk = desk_of(world, backlog)
    await desk.start()
    await desk.ask(ask_for(operation=SUBMISSION, respond_async=True))
    await gate.reached.wait()
    with pytest.raises(ChannelFullError, match="1 messages for the recipient"):
        await desk.ask(ask_for())
    assert len(world.store.messages) == 1
    gate.go.set()
    await world.reaches(State.ANSWERED)
    assert room(backlog) is None
    await desk.stop()


async def test_a_repeated_call_is_told_what_became_of_it_though_the_channel_is_full() -> None:
    gate = Gate()
    world = World(Authority(gate))
    desk = desk_of(world, Backlog(Counts(), BacklogLimits(per_channel=1)))
    await desk.start()
    call = ask_for(operation=SUBMISSION, respond_async=True)
    first = await desk.ask(call)
    await gate.reached.wait()
    again = await desk.ask(call)
    assert again.message.id == first.message.id
    gate.go.set()
    await desk.stop()


async def test_what_is_replayed_counts_again() -> None:
    world = World(
        Authority(AuthorityRefusedError("no"), NotSentError("x", retry_after=timedelta(hours=1)))
    )
    backlog = Backlog(Counts(), BacklogLimits(per_channel=1))
    desk = desk_of(world, backlog)
    await desk.start()
    told = await desk.ask(ask_for(operation=SUBMISSION))
    assert (told.message.state, room(backlog)) == (State.DEAD, None)
    await desk.replay(CALLER, told.message.id)
    await world.reaches(State.RETRYING)
    assert room(backlog) is ChannelFullError
    await desk.cancel(CALLER, told.message.id)
    assert room(backlog) is None
    await desk.stop()


async def test_who_is_refused_is_told_what_the_channel_settles() -> None:
    world = World(Authority(answer()))
    moments = Moments()
    backlog = Backlog(Counts(), BacklogLimits(per_channel=10), moments)
    desk = desk_of(world, backlog)
    await desk.start()
    for _ in range(60):
        await desk.ask(ask_for())
        moments.pass_by(2.0)
    await desk.stop()
    backlog._store = Counts(of_caller(12))
    await backlog.recount()
    with pytest.raises(ChannelFullError) as caught:
        backlog.require_room(CALLER, "main")
    # Three have to settle, at one in two seconds.
    assert 5 < caught.value.retry_after.total_seconds() < 9


async def test_a_backend_that_is_down_is_waited_for_in_minutes() -> None:
    backlog = Backlog(Counts(of_caller(5)), BacklogLimits(per_channel=5))
    await backlog.recount()
    with pytest.raises(ChannelFullError) as caught:
        backlog.require_room(CALLER, "main")
    assert caught.value.retry_after == LONGEST_WAIT


async def test_the_store_is_asked_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECOUNT_SECONDS", 0.005)
    store = Counts(of_caller(5))
    backlog = Backlog(store, BacklogLimits(per_channel=5))
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        backlog.start(group)
        while room(backlog) is None:  # noqa: ASYNC110 - until it has counted
            await asyncio.sleep(0)
        store.down = True
        asked = store.asked
        while store.asked < asked + 2:  # noqa: ASYNC110 - until it was asked
            await asyncio.sleep(0.001)
        assert room(backlog) is ChannelFullError  # what was known stays
        store.down, store.found = False, ()
        while room(backlog) is not None:  # noqa: ASYNC110 - until it has counted
            await asyncio.sleep(0.001)
        await backlog.stop()


async def test_one_that_was_never_started_stops_at_once() -> None:
    async with asyncio.timeout(1):
        await Backlog(Counts()).stop()
