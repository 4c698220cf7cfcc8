"""Replays of many messages: which ones, how fast, and how far one has come.

Values, and what they need from a store. Kept out: what is done with each message
(``gateway.flow.replays``).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol

import orjson

from gateway.messaging.message import Message, MessageId
from gateway.messaging.ports import MessageFilter, Step

ReplayId = NewType("ReplayId", str)
"""UUID in lower case."""


class Verb(StrEnum):
    """What is done with each message."""

    REPLAY = "replay"
    REREAD = "reread"


class Mode(StrEnum):
    """What a replay sends: the bytes as they are, or the same document by the present map."""

    SAME_BYTES = "same-bytes"
    RETRANSLATE = "retranslate"


class ReplayState(StrEnum):
    """Where a replay of many is."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class ItemResult(StrEnum):
    """What became of one message: moved, left alone because it had moved on, or refused."""

    MOVED = "moved"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which messages; both conditions hold.

    Attributes:
        wanted: By what is known of them.
        ids: These only; None does not restrict.
    """

    wanted: MessageFilter
    ids: frozenset[MessageId] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """One message as it was when it was chosen; ``event_count`` is the length of its history."""

    message_id: MessageId
    event_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One message of a replay, and what became of it.

    Attributes:
        position: Counted from 0; messages are handled in this order.
        message_id: Which message.
        result: None while it is not handled yet.
        code: Public code of why it was skipped or refused; None if it was moved.
    """

    position: int
    message_id: MessageId
    result: ItemResult | None = None
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """A replay of many messages, durable, and how far it has come.

    Attributes:
        id: Names it.
        tenant: Owner of its caller.
        caller: Who asked for it; it moves messages of this caller only.
        verb: What is done with each message.
        mode: What is sent.
        not_taken: Whether the authority was asked and has none of them.
        pause: From one message to the next; zero: none.
        state: Whether it goes on.
        created_at: When it was asked for; aware, UTC.
        next_at: When the next message is due.
        ended_at: When it was done or stopped; None while it runs.
        chosen: How many messages it has.
        handled: How many of them were handled; also the position of the next one.
        results: How many ended how.
    """

    id: ReplayId
    tenant: str
    caller: str
    verb: Verb
    mode: Mode
    not_taken: bool
    pause: timedelta
    state: ReplayState
    created_at: datetime
    next_at: datetime
    ended_at: datetime | None = None
    chosen: int
    handled: int = 0
    results: Mapping[ItemResult, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Handling:
    """What is to become of one message of a replay.

    Attributes:
        step: Its move; None: it is not moved.
        result: How it ends without a step.
        code: Public code of why there is no step; None with one.
        at: When; the next message is due ``pause`` later.
    """

    step: Step | None
    result: ItemResult = ItemResult.REFUSED
    code: str | None = None
    at: datetime

    def ended(self, *, moved: bool) -> ItemResult:
        """How it ended; ``moved``: its step was taken."""
        if self.step is None:
            return self.result
        return ItemResult.MOVED if moved else ItemResult.SKIPPED


@dataclass(frozen=True, kw_only=True, slots=True)
class Handled:
    """What became of one message of a replay.

    Attributes:
        result: How it ended.
        message: The message after its move; None if it was not moved.
        next_at: When the next one is due.
        is_last: Whether there is none.
    """

    result: ItemResult
    message: Message | None
    next_at: datetime
    is_last: bool


def digest_of(chosen: Sequence[Chosen]) -> str:
    """What tells one choice from another: SHA-256 over ids and lengths of histories, in hex.

    It changes as soon as anything happens to one of the messages.
    """
    listed = [[one.message_id, one.event_count] for one in chosen]
    return hashlib.sha256(orjson.dumps(listed)).hexdigest()


class ReplayStore(Protocol):
    """Keeps replays of many messages; promises and errors as ``MessageStore``."""

    async def choose(self, choice: Choice, *, limit: int) -> list[Chosen]:
        """The messages that fit, the longest accepted first, at most ``limit``."""
        ...

    async def begin_replay(self, replay: Replay, chosen: Sequence[Chosen]) -> None:
        """Make a new replay durable, with its messages in their order."""
        ...

    async def running_replays(self) -> list[Replay]:
        """Those that go on, the oldest first; without ``results``."""
        ...

    async def due_items(self, replay: Replay, *, limit: int) -> list[Item]:
        """The next messages of a replay, from position ``handled`` on."""
        ...

    async def handle_item(
        self, replay_id: ReplayId, position: int, handling: Handling
    ) -> Handled | None:
        """Move one message and note it, in one transaction; the last one ends the replay.

        A message whose history is longer than when it was chosen is skipped; so is one whose step
        the life cycle, or its state, does not allow.

        Returns:
            None: nothing was done, because the replay does not run, or another process was faster.
        """
        ...

    async def replay(self, replay_id: ReplayId) -> Replay | None:
        """One replay with its results, or None."""
        ...

    async def replays_of(self, *, tenant: str, caller: str, limit: int) -> list[Replay]:
        """The caller's replays with their results, newest first."""
        ...

    async def replay_items(
        self, replay_id: ReplayId, *, after: int, limit: int, results: frozenset[ItemResult]
    ) -> list[Item]:
        """Its messages with these results behind a position, in order; all if ``results`` is empty.

        ``after`` -1: from the beginning.
        """
        ...

    async def stop_replay(self, replay_id: ReplayId, *, at: datetime) -> bool:
        """End it before its time; whether it was running."""
        ...
