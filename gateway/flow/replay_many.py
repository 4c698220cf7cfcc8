"""Replay, or read again, many messages: look first, then have it done in the background.

What is chosen is fixed when it is asked for, with the length of each history, so that nothing is
done to a message that moved on meanwhile. Kept out: doing it (``replay_runner``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from gateway.errors import SelectionChangedError, UnknownReplayError
from gateway.flow.replay import DOUBTFUL, UNDELIVERED
from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId
from gateway.messaging.party import Caller
from gateway.messaging.ports import Clock, MessageFilter
from gateway.messaging.replays import (
    Choice,
    Chosen,
    Item,
    ItemResult,
    Mode,
    Replay,
    ReplayId,
    ReplayState,
    ReplayStore,
    Verb,
    digest_of,
)

MOST_MESSAGES = 10_000
"""Messages of one replay: what is written in one transaction without holding others up for long."""

SHOWN = 20
"""Messages that a dry run names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What somebody wants done to many messages.

    Attributes:
        verb: What is done with each.
        mode: What a replay sends.
        not_taken: Whether the authority was asked and has none of them.
        wanted: Which ones; states that the verb cannot leave are left out.
        ids: These only; None does not restrict.
        limit: At most so many, the longest accepted first; up to ``MOST_MESSAGES``.
        per_second: Most messages a second; None: as fast as it goes.
        expected: Digest of the dry run that was looked at; None: whatever fits now.
    """

    verb: Verb
    mode: Mode = Mode.SAME_BYTES
    not_taken: bool = False
    wanted: MessageFilter
    ids: frozenset[MessageId] | None = None
    limit: int
    per_second: float | None
    expected: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What an order would do.

    Attributes:
        digest: Stands for exactly these messages as they are now.
        chosen: How many there are.
        has_more: Whether more fit than the limit allows.
        first: The first of them.
    """

    digest: str
    chosen: int
    has_more: bool
    first: Sequence[MessageId]


def states_of(verb: Verb, *, not_taken: bool) -> frozenset[State]:
    """The states that a verb can leave."""
    if verb is Verb.REREAD:
        return frozenset({State.INVALID})
    return UNDELIVERED | DOUBTFUL if not_taken else UNDELIVERED


async def plan(store: ReplayStore, caller: Caller, order: Order) -> Plan:
    """Say what an order would do; changes nothing."""
    chosen, has_more = await _choose(store, caller, order)
    return Plan(
        digest=digest_of(chosen),
        chosen=len(chosen),
        has_more=has_more,
        first=[one.message_id for one in chosen[:SHOWN]],
    )


async def begin(store: ReplayStore, clock: Clock, caller: Caller, order: Order) -> Replay:
    """Make an order durable; from then on it is carried out, also after a crash.

    Raises:
        SelectionChangedError: The messages are not those, or not as, the dry run showed them.
    """
    chosen, _ = await _choose(store, caller, order)
    if order.expected is not None and order.expected != digest_of(chosen):
        raise SelectionChangedError("The messages are not as the dry run showed them.")
    now = clock.now()
    replay = Replay(
        id=ReplayId(str(uuid4())),
        tenant=caller.tenant,
        caller=caller.name,
        verb=order.verb,
        mode=order.mode,
        not_taken=order.not_taken,
        pause=timedelta(seconds=1 / order.per_second) if order.per_second else timedelta(),
        state=ReplayState.RUNNING if chosen else ReplayState.DONE,
        created_at=now,
        next_at=now,
        ended_at=None if chosen else now,
        chosen=len(chosen),
    )
    await store.begin_replay(replay, chosen)
    return replay


async def find(store: ReplayStore, caller: Caller, replay_id: ReplayId) -> Replay:
    """One replay of the caller.

    Raises:
        UnknownReplayError: There is none of this id, or it belongs to somebody else.
    """
    replay = await store.replay(replay_id)
    if replay is None or (replay.tenant, replay.caller) != (caller.tenant, caller.name):
        raise UnknownReplayError("No replay with this id belongs to the caller.")
    return replay


async def items(
    store: ReplayStore, caller: Caller, replay_id: ReplayId, *, after: int, limit: int
) -> list[Item]:
    """Messages of a replay that were handled and not moved, in order; raises as ``find``."""
    await find(store, caller, replay_id)
    left = frozenset({ItemResult.SKIPPED, ItemResult.REFUSED})
    return await store.replay_items(replay_id, after=after, limit=limit, results=left)


async def stop(store: ReplayStore, clock: Clock, caller: Caller, replay_id: ReplayId) -> Replay:
    """End a replay before its time; what it has moved stays moved. Raises as ``find``."""
    await find(store, caller, replay_id)
    await store.stop_replay(replay_id, at=clock.now())
    return await find(store, caller, replay_id)


def callers_by_name(callers: Sequence[Caller]) -> Mapping[tuple[str, str], Caller]:
    """Callers by tenant and name, as a replay knows them."""
    return {(caller.tenant, caller.name): caller for caller in callers}


async def _choose(store: ReplayStore, caller: Caller, order: Order) -> tuple[list[Chosen], bool]:
    possible = states_of(order.verb, not_taken=order.not_taken)
    states = order.wanted.states & possible if order.wanted.states else possible
    if not states:
        return [], False
    own = replace(order.wanted, tenant=caller.tenant, caller=caller.name, states=states)
    found = await store.choose(Choice(wanted=own, ids=order.ids), limit=order.limit + 1)
    return found[: order.limit], len(found) > order.limit
