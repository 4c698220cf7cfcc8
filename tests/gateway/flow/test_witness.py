"""Every step of a message is witnessed, whether or not its caller waits."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.errors import NotSentError
from gateway.flow.call import Pending
from gateway.flow.desk import Desk
from gateway.flow.witness import Witnesses
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult, Message
from gateway.messaging.ports import Step
from tests.gateway.flow.world import (
    SUBMISSION,
    Authority,
    Gate,
    World,
    answer,
    ask_for,
    no_letters,
)


@dataclass
class Diary:
    """Writes down what it sees."""

    lines: list[str] = field(default_factory=list)
    ends: list[AttemptResult | None] = field(default_factory=list)

    def accepted(self, message: Message) -> None:
        self.lines.append("accepted")

    def moved(self, step: Step, message: Message) -> None:
        self.lines.append(message.state)
        self.ends.append(step.ends_attempt)

    def exchanged(self, message: Message, *, seconds: float) -> None:
        assert 0 <= seconds < 10
        self.lines.append("exchanged")

    def answered(self, message: Message, *, authority_seconds: float) -> None:
        assert 0 <= authority_seconds < 10
        self.lines.append("read")


def watched(world: World, *diaries: Diary) -> Desk:
    return Desk(
        store=world.store,
        letter_store=no_letters(),
        clock=world.clock,
        directory=world.directory,
        witness=Witnesses(diaries),
    )


async def test_a_message_is_seen_from_its_acceptance_to_its_answer() -> None:
    diary, second = Diary(), Diary()
    desk = watched(World(), diary, second)
    await desk.start()
    await desk.ask(ask_for())
    await desk.stop()
    assert diary.lines == ["accepted", "exchanged", State.ANSWERED, "read"]
    assert diary == second
    assert diary.ends == [AttemptResult.ANSWERED]


async def test_a_message_that_settles_after_its_caller_left_is_seen() -> None:
    gate, diary = Gate(), Diary()
    desk = watched(World(authority=Authority(gate)), diary)
    await desk.start()
    told = await desk.ask(ask_for(operation=SUBMISSION, wait=timedelta(milliseconds=1)))
    assert isinstance(told, Pending)
    assert diary.lines == ["accepted"]
    gate.go.set()
    await desk.stop()
    assert diary.lines == ["accepted", "exchanged", State.ANSWERED, "read"]


async def test_failures_are_seen() -> None:
    diary = Diary()
    desk = watched(World(authority=Authority(NotSentError("Busy."), answer())), diary)
    await desk.start()
    async with asyncio.timeout(10):
        await desk.ask(ask_for())
    await desk.stop()
    assert diary.ends == [AttemptResult.NOT_SENT, AttemptResult.ANSWERED]
    assert diary.lines.count("exchanged") == 2
