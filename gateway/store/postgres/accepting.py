"""New messages, many in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.errors import KeyTakenError, TransitionConflictError
from gateway.messaging.history import START, Entry, link
from gateway.messaging.idempotency import Claim
from gateway.messaging.lifecycle import STARTS, State
from gateway.messaging.message import Message, Stage
from gateway.store.postgres.columns import columns
from gateway.store.postgres.database import Database, RefusedError
from gateway.store.postgres.faults import refused
from gateway.store.postgres.groups import Result
from gateway.store.postgres.heads import Heads
from gateway.store.rows import (
    PLAIN,
    STATES,
    Row,
    event_row,
    new_message_row,
    scope_row,
    stage_row,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMessage:
    """A message as it is written.

    Attributes:
        row: As of ``new_message_row``.
        events: Rows of its events, and so on; each begins with a place for the message's number.
        stages: See ``events``.
        claim: Columns of the key and its fingerprint; None: it claims none.
    """

    row: Row
    events: Sequence[Row]
    stages: Sequence[Row]
    claim: Row | None

    @property
    def id(self) -> str:
        """Of the message."""
        message_id: str = self.row[0]
        return message_id

    @property
    def channel(self) -> str:
        """Name of the channel it leaves through."""
        channel: str = self.row[8]
        return channel

    @property
    def state(self) -> State:
        """It starts in."""
        return STATES[self.row[9]]

    @property
    def head(self) -> bytes:
        """Hash of its last event."""
        head: bytes = self.row[22]
        return head

    @property
    def size_bytes(self) -> int:
        """Content that is written with it."""
        return sum(len(stage[6]) for stage in self.stages)


def new_message(
    message: Message, stages: Sequence[Stage], entries: Sequence[Entry], claim: Claim | None
) -> NewMessage:
    """Write a message down in rows.

    Raises:
        TransitionConflictError: No message starts in its state.
    """
    if message.state not in STARTS:
        raise TransitionConflictError(f"No message starts as {message.state}.")
    head, events = START, []
    for number, entry in enumerate(entries, start=1):
        head = link(message.id, entry, number=number, previous=head)
        events.append(event_row(0, number, entry, head))
    return NewMessage(
        row=new_message_row(message, event_count=len(events), head_hash=head),
        events=events,
        stages=[stage_row(0, stage)[:7] for stage in stages],
        claim=None if claim is None else (*scope_row(claim.scope), claim.fingerprint),
    )


class Accepting:
    """Stores batches of new messages."""

    def __init__(self, database: Database, heads: Heads, process: int) -> None:
        self._database = database
        self._heads = heads
        self._process = process

    async def carry_out(self, batch: Sequence[NewMessage]) -> Sequence[Result[None]]:
        """Store a batch; a message that is refused keeps no other one out.

        Returns:
            For each message nothing, or why it was refused.

        Raises:
            UnsureError, StoreUnavailableError: As ``Database.write``.
        """
        try:
            rows = await self._database.write(
                "accept_messages", *arguments_of(batch, process=self._process)
            )
        except RefusedError as refusal:
            if len(batch) == 1:
                return [(None, refused(refusal.error))]
            return [result for one in batch for result in await self.carry_out([one])]
        numbers: dict[int, int] = {row[0]: row[1] for row in rows}
        return [self._result(one, numbers.get(place)) for place, one in enumerate(batch, start=1)]

    def _result(self, stored: NewMessage, number: int | None) -> Result[None]:
        if number is None:
            return None, KeyTakenError("The idempotency key belongs to another message.")
        if stored.state is State.DELIVERING:
            self._heads.keep((number, *stored.row, self._process, *PLAIN))
        return None, None


def arguments_of(batch: Sequence[NewMessage], *, process: int) -> list[object]:
    """The arguments of ``accept_messages``."""
    places = list(enumerate(batch, start=1))
    claims = [(place, *new.claim) for place, new in places if new.claim is not None]
    events = [(place, *event[1:]) for place, new in places for event in new.events]
    stages = [(place, *stage[1:]) for place, new in places for stage in new.stages]
    return [
        *columns([new.row for new in batch], 23),
        *columns(claims, 6),
        *columns(events, 9),
        *columns(stages, 7),
        process,
    ]
