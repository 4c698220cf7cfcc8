"""Messages of one key reach the authority in the order of acceptance, whatever fails in between.

Every history is drawn by hypothesis and run on a real store: calls of several keys, an authority
that does what it likes, a gateway that is cut off and started again, and somebody who decides about
what rests. The model knows nothing of the journey: it looks at what the authority was sent.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from gateway.bootstrap import SystemClock
from gateway.errors import AuthorityRefusedError, NotSentError, OutcomeUnknownError
from gateway.flow.desk import Desk
from gateway.flow.directory import Directory
from gateway.flow.replay import Finding
from gateway.messaging.channel import RetryPolicy
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId
from gateway.messaging.order import FREE, GIVEN_UP_FROM
from gateway.messaging.ports import MessageFilter, WireAnswer, WireMessage
from gateway.store.letters import SqliteLetters
from gateway.store.sqlite import SqliteStore
from tests.gateway.flow.world import CALLER, SUBMISSION, Authority, World, answer, ask_for

PERSONS = ("Ada", "Bob", "Eve")
ORDERED = replace(SUBMISSION, order=("/name",))


class OrderedWorld(World):
    """Submissions, ordered by name, over a real store."""

    @property
    @override
    def directory(self) -> Directory:
        return replace(super().directory, operations={ORDERED.key: ORDERED})


@dataclass
class Moody(Authority):
    """Does one thing after the other, over and over; writes down what it was sent."""

    behaviours: list[str] = field(default_factory=list)
    sent: list[tuple[str, MessageId]] = field(default_factory=list)
    """Name and message id of everything that may have arrived, in order."""

    count: int = 0
    sound: bool = False

    @override
    async def exchange(self, outgoing: WireMessage, *, deadline: Any) -> WireAnswer:
        behaviour = self.behaviours[self.count % len(self.behaviours)]
        self.count += 1
        if self.sound:
            behaviour = "answer"
        if behaviour == "not sent":
            raise NotSentError("no")
        document = json.loads(outgoing.body[1:-1])
        self.sent.append((document["name"], outgoing.message_id))
        if behaviour == "unknown":
            raise OutcomeUnknownError("?")
        if behaviour == "refused":
            raise AuthorityRefusedError("no")
        if behaviour == "slow":
            await asyncio.sleep(0.002)
        if behaviour == "rubbish":
            return WireAnswer(body=b"rubbish")
        return answer()


@dataclass(kw_only=True)
class Registry:
    """One gateway after the other on one database."""

    database: Path
    authority: Moody
    accepted: defaultdict[str, list[MessageId]] = field(default_factory=lambda: defaultdict(list))
    """Message ids by name, in the order of acceptance."""

    given_up: set[MessageId] = field(default_factory=set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Desk]:
        world = OrderedWorld(self.authority)
        channel = replace(
            world.channel,
            timeout=timedelta(milliseconds=1),  # a stop soon cuts attempts off, as a crash would
            retry=RetryPolicy(first_wait=timedelta(milliseconds=1), max_attempts=3),
        )
        world.channel = channel
        store = SqliteStore(self.database)
        desk = Desk(
            store=store,
            letter_store=SqliteLetters(store),
            clock=SystemClock(),
            directory=world.directory,
        )
        await desk.start()
        try:
            yield desk
        finally:
            await desk.stop()

    async def ask(self, desk: Desk, name: str) -> None:
        """Ask without waiting; the next call of a name is made when this one is accepted."""
        call = ask_for({"name": name}, operation=ORDERED, respond_async=True)
        told = await desk.ask(call)
        self.accepted[name].append(told.message.id)

    async def decide(self, desk: Desk, decision: str) -> None:
        """Decide about everything that rests."""
        for message in await messages(desk):
            if message.state in GIVEN_UP_FROM and message.in_line:
                await self._decide(desk, message, decision)

    async def _decide(self, desk: Desk, message: Message, decision: str) -> None:
        replayable = message.state in (State.DEAD, State.IN_DOUBT)
        if decision == "replay" and replayable:
            await desk.replay(CALLER, message.id, not_taken=True)
        else:
            self.given_up.add(message.id)
            await desk.resolve(CALLER, message.id, Finding.GIVEN_UP)


async def messages(desk: Desk) -> list[Message]:
    found, _ = await desk.store.find(MessageFilter(), limit=500)
    return found


async def rests(desk: Desk) -> None:
    """Wait until nothing moves that does not wait for somebody's decision."""
    async with asyncio.timeout(20):
        while any(  # noqa: ASYNC110 - as an operator would look
            message.state not in FREE | GIVEN_UP_FROM and not message.waits_in_line
            for message in await messages(desk)
        ):
            await asyncio.sleep(0.002)


async def run(
    folder: Path, rounds: list[list[str]], behaviours: list[str], decisions: list[str]
) -> Registry:
    registry = Registry(database=folder / "messages.db", authority=Moody(behaviours=behaviours))
    for number, names in enumerate(rounds):
        async with registry.running() as desk:
            async with asyncio.TaskGroup() as group:
                for name in PERSONS:
                    group.create_task(_ask_in_turn(registry, desk, name, names.count(name)))
            if number % 2:
                await rests(desk)
            await registry.decide(desk, decisions[number % len(decisions)])
        check_order(registry)
    registry.authority.sound = True
    async with registry.running() as desk:
        for _ in range(100):
            await rests(desk)
            await registry.decide(desk, "replay")
            if all(
                message.state in FREE or not message.in_line for message in await messages(desk)
            ):
                break
        for message in await messages(desk):
            assert not message.in_line, "a line did not go on"
            assert message.state is State.ANSWERED or message.id in registry.given_up
    return registry


async def _ask_in_turn(registry: Registry, desk: Desk, name: str, times: int) -> None:
    for _ in range(times):
        await registry.ask(desk, name)


def check_order(registry: Registry) -> None:
    """What the authority may have got of each name is in order, repeats beside each other."""
    for name, accepted in registry.accepted.items():
        places = [
            accepted.index(message_id)
            for sent_name, message_id in registry.authority.sent
            if sent_name == name
        ]
        assert places == sorted(places), f"{name}: {places}"


behaviour = st.sampled_from(
    ["answer", "answer", "slow", "not sent", "unknown", "refused", "rubbish"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rounds=st.lists(
        st.lists(st.sampled_from(PERSONS), min_size=1, max_size=8), min_size=1, max_size=4
    ),
    behaviours=st.lists(behaviour, min_size=1, max_size=8),
    decisions=st.lists(st.sampled_from(["replay", "give up"]), min_size=1, max_size=3),
)
def test_no_message_of_a_key_overtakes_another(
    rounds: list[list[str]], behaviours: list[str], decisions: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        registry = asyncio.run(run(Path(folder), rounds, behaviours, decisions))
    check_order(registry)
    sent = {message_id for _, message_id in registry.authority.sent}
    accepted = {one for line in registry.accepted.values() for one in line}
    assert sent <= accepted
    assert accepted - registry.given_up <= sent


async def test_other_keys_flow_while_one_is_blocked(tmp_path: Path) -> None:
    registry = Registry(
        database=tmp_path / "messages.db", authority=Moody(behaviours=["unknown", "answer"])
    )
    async with registry.running() as desk:
        await registry.ask(desk, "Ada")
        await rests(desk)
        for name in ("Ada", "Ada", "Bob", "Eve", "Bob"):
            registry.authority.sound = True
            await registry.ask(desk, name)
        await rests(desk)
        by_id = {message.id: message for message in await messages(desk)}
        assert by_id[registry.accepted["Ada"][0]].state is State.IN_DOUBT
        waiting = [by_id[one] for one in registry.accepted["Ada"][1:]]
        assert all(message.waits_in_line for message in waiting)
        others = registry.accepted["Bob"] + registry.accepted["Eve"]
        assert {by_id[one].state for one in others} == {State.ANSWERED}
        (line,) = (await desk.vitals()).lines
        assert (line.keys, line.waiting, line.held_up) == (1, 2, 1)
