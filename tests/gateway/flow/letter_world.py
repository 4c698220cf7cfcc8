"""The small world with a real store, for tests of dead letters."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from typing_extensions import override

from gateway.errors import AuthorityRefusedError
from gateway.flow.desk import Desk
from gateway.flow.fault_points import FaultHook, no_fault
from gateway.flow.letters import DeadLetters
from gateway.flow.replay_many import Order
from gateway.flow.workers import Workers
from gateway.messaging.lifecycle import State, is_settled
from gateway.messaging.message import Message, MessageId
from gateway.messaging.party import Caller
from gateway.messaging.ports import MessageFilter
from gateway.messaging.replays import Replay, ReplayState, Verb
from gateway.store.letters import SqliteLetters
from gateway.store.sqlite import SqliteStore
from tests.gateway.flow.world import (
    CALLER,
    SUBMISSION,
    Authority,
    Behaviour,
    FixedClock,
    PlainExchange,
    PlainMap,
    PlainWritten,
    Reply,
    World,
    ask_for,
)

REFUSED = AuthorityRefusedError("no")


class Versions(PlainExchange):
    """The plain format in a later version, which writes other bytes."""

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version

    @override
    def write_request(
        self, document: Mapping[str, Any], supplies: Mapping[str, Any]
    ) -> PlainWritten:
        """As the plain format, with spaces behind."""
        written = super().write_request(document, supplies)
        data = written.writing.data + b" " * self.version
        return replace(
            written,
            writing=replace(written.writing, data=data),
            map=PlainMap(reference=f"plain/search@{self.version}"),
        )


@dataclass
class LetterWorld:
    """A desk on one database; several may run on it, one after the other."""

    path: Path
    authority: Authority = field(default_factory=lambda: Authority(REFUSED))
    clock: FixedClock = field(default_factory=FixedClock)
    exchange: PlainExchange = field(default_factory=PlainExchange)
    callers: tuple[Caller, ...] = (CALLER,)
    hit: FaultHook = no_fault
    workers: Workers | None = None

    def desk(self) -> Desk:
        world = World(authority=self.authority, clock=self.clock, exchange=self.exchange)
        store = SqliteStore(self.path)
        return Desk(
            store=store,
            letter_store=SqliteLetters(store),
            callers=self.callers,
            clock=self.clock,
            directory=world.directory,
            hit=self.hit,
            workers=self.workers,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Desk]:
        desk = self.desk()
        await desk.start()
        try:
            yield desk
        finally:
            await desk.stop()

    def replies(self, *replies: Reply | Behaviour) -> None:
        """What the authority says from now on."""
        self.authority.replies = list(replies)


async def dead(desk: Desk, number: int = 1, **fields: Any) -> list[Message]:
    """Submissions that the authority refused, the first accepted first."""
    found = []
    for index in range(number):
        told = await desk.ask(ask_for({"name": f"N{index}"}, operation=SUBMISSION, **fields))
        assert told.message.state is State.DEAD
        found.append(told.message)
        assert isinstance(desk.clock, FixedClock)
        desk.clock.advance(timedelta(milliseconds=1))
    return found


async def settled(desk: Desk, message_id: MessageId) -> Message:
    """Wait until a message rests."""
    async with asyncio.timeout(5):
        while True:
            message = await desk.store.get(message_id)
            assert message is not None
            if is_settled(message.state):
                return message
            await asyncio.sleep(0.001)


async def ended(letters: DeadLetters, replay: Replay, caller: Caller = CALLER) -> Replay:
    """Wait until a replay is over."""
    async with asyncio.timeout(5):
        while True:
            found = await letters.find_replay(caller, replay.id)
            if found.state is not ReplayState.RUNNING:
                return found
            await asyncio.sleep(0.001)


def an_order(**fields: Any) -> Order:
    """Replay all that is dead, as fast as it goes."""
    plain = Order(verb=Verb.REPLAY, wanted=MessageFilter(), limit=100, per_second=None)
    return replace(plain, **fields)
