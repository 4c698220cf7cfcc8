"""Many callers, few keys, a backend that does what it likes, and a model of what must come out.

Every history is drawn by hypothesis and run on a real store, many calls at once. The model knows
nothing of the journey: it looks at what callers were told and at what the authority was sent.
"""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.bootstrap import SystemClock
from gateway.errors import (
    AuthorityRefusedError,
    GatewayError,
    IdempotencyInProgressError,
    IdempotencyMismatchError,
    KeyTakenError,
    MessageInDoubtError,
    NotSentError,
    OutcomeUnknownError,
)
from gateway.flow.call import Call, Pending, Settled
from gateway.flow.desk import Desk
from gateway.messaging.breaker import BreakerPolicy
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.operation import Operation
from gateway.messaging.ports import MessageFilter, WireAnswer, WireMessage
from gateway.store.letters import SqliteLetters
from gateway.store.sqlite import SqliteStore
from tests.gateway.flow.world import (
    CALLER,
    QUERY,
    SUBMISSION,
    Authority,
    Behaviour,
    World,
    answer,
    ask_for,
)

KEYS = ("a", "b")
NAMES = ("Ada", "Bob")
SHORT, LONG = timedelta(milliseconds=5), timedelta(seconds=20)
ALLOWED = (
    IdempotencyInProgressError,
    IdempotencyMismatchError,
    KeyTakenError,
    MessageInDoubtError,
)


@dataclass(frozen=True)
class Asked:
    """One call of a history."""

    operation: Operation
    key: str
    name: str
    wait: timedelta
    respond_async: bool

    def call(self) -> Call:
        return ask_for(
            {"name": self.name},
            operation=self.operation,
            idempotency_key=self.key,
            wait=self.wait,
            respond_async=self.respond_async,
        )


@dataclass
class Seen:
    """What came of a history."""

    told: list[tuple[Asked, Settled | Pending | GatewayError]] = field(default_factory=list)
    sent: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    messages: list[Message] = field(default_factory=list)
    """Every message that is stored; ``sent`` is what the authority got of each, in order."""


asked = st.builds(
    Asked,
    operation=st.sampled_from([QUERY, SUBMISSION]),
    key=st.sampled_from(KEYS),
    name=st.sampled_from(NAMES),
    wait=st.sampled_from([SHORT, LONG]),
    respond_async=st.booleans(),
)
behaviour = st.sampled_from(["answer", "slow", "not sent", "unknown", "refused", "rubbish"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rounds=st.lists(st.lists(asked, min_size=1, max_size=5), min_size=1, max_size=4),
    behaviours=st.lists(behaviour, min_size=1, max_size=8),
)
def test_repeats_are_told_one_story_and_sent_once(
    rounds: list[list[Asked]], behaviours: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        seen = asyncio.run(run(Path(folder) / "messages.db", rounds, behaviours))
    by_id = {message.id: message for message in seen.messages}

    # Nothing but the refusals that the contract names.
    errors = [told for _, told in seen.told if isinstance(told, GatewayError)]
    assert all(isinstance(error, ALLOWED) for error in errors), errors

    # What an authority took, or may have taken, is sent no second time; a query it may have.
    for message in seen.messages:
        again = {"refused", "unknown"} if message.operation == QUERY.name else {"refused"}
        assert set(seen.sent[message.id][:-1]) <= again

    # One key leads to one message, unless the earlier ones expired; and to one document only.
    for operation in (QUERY, SUBMISSION):
        for key in KEYS:
            mine = [
                (call, told)
                for call, told in seen.told
                if (call.operation, call.key) == (operation, key)
            ]
            ids = {told.message.id for _, told in mine if not isinstance(told, GatewayError)}
            living = [one for one in ids if by_id[one].state is not State.EXPIRED]
            assert len(living) <= 1
            names = {call.name for call, told in mine if not isinstance(told, GatewayError)}
            assert len(names) <= 1
            # Who is told an answer is told the same answer.
            answers = {
                (told.message.id, told.answer)
                for _, told in mine
                if isinstance(told, Settled) and told.answer is not None
            }
            assert len(answers) == len({message_id for message_id, _ in answers})
            # Only the first one of a message is no repeat.
            firsts = Counter(
                told.message.id
                for _, told in mine
                if not isinstance(told, GatewayError) and not told.replayed
            )
            assert all(count == 1 for count in firsts.values())

    # Every message was told to somebody: no call was stored twice behind its caller's back.
    told_ids = {told.message.id for _, told in seen.told if not isinstance(told, GatewayError)}
    assert by_id.keys() <= told_ids


async def run(path: Path, rounds: list[list[Asked]], behaviours: list[str]) -> Seen:
    """Run a history: the calls of a round at once, one round after the other."""
    seen = Seen()
    authority = Authority(*[_behave(name, seen) for name in behaviours])
    world = World(authority=authority)
    # Every call is made, whatever became of those before it.
    world.channel = replace(world.channel, breaker=BreakerPolicy(failures=0))
    store = SqliteStore(path)
    desk = Desk(
        store=store,
        letter_store=SqliteLetters(store),
        clock=SystemClock(),
        directory=world.directory,
    )
    await desk.start()
    try:
        for calls in rounds:
            told = await asyncio.gather(*[_ask(desk, one) for one in calls])
            seen.told += zip(calls, told, strict=True)
    finally:
        await desk.stop()
    reader = SqliteStore(path)
    await reader.open()
    try:
        seen.messages, _ = await reader.find(MessageFilter(caller=CALLER.name), limit=500)
    finally:
        await reader.close()
    return seen


async def _ask(desk: Desk, one: Asked) -> Settled | Pending | GatewayError:
    try:
        return await desk.ask(one.call())
    except GatewayError as error:
        return error


def _behave(name: str, seen: Seen) -> Behaviour:
    async def behave(outgoing: WireMessage) -> WireAnswer:
        if name == "not sent":
            raise NotSentError("x")
        seen.sent[outgoing.message_id].append(name)
        await asyncio.sleep(0.01 if name == "slow" else 0)
        if name == "unknown":
            raise OutcomeUnknownError("x")
        if name == "refused":
            raise AuthorityRefusedError("x")
        return WireAnswer(body=b"?") if name == "rubbish" else answer()

    return behave
