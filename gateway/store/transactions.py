"""What is written for each kind of change, inside a transaction that the writer has begun.

Every method either writes its whole change or raises; only ``TransitionConflictError`` promises
that nothing was written. Kept out: when a transaction begins and ends (``writer``).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

import apsw

from gateway.errors import KeyTakenError, TransitionConflictError
from gateway.messaging.history import START, Entry, link
from gateway.messaging.idempotency import Claim
from gateway.messaging.lifecycle import STARTS, State
from gateway.messaging.message import Message, Stage
from gateway.messaging.ports import Step
from gateway.messaging.refusal import Refusal
from gateway.messaging.terms import Terms
from gateway.store.attachment_index import refer
from gateway.store.lines import Lines
from gateway.store.moves import cannot_take, corrected, leaves_line, may_take, row_after, unknown
from gateway.store.numbers import Numbers
from gateway.store.refusals import refusal_row
from gateway.store.rows import (
    PLACE,
    Row,
    claimed_of,
    event_row,
    message_of,
    micros,
    new_message_row,
    scope_row,
    stage_row,
)

_DUE = frozenset({State.ACCEPTED, State.RETRYING})


class Transactions:
    """The changes the store can make, on the one connection that writes."""

    def __init__(self, connection: apsw.Connection, queries: Mapping[str, str]) -> None:
        self._connection = connection
        cursor = (
            connection.cursor()
        )  # one for all: a new one for each statement costs a third of it
        self._execute, self._execute_each = cursor.execute, cursor.executemany
        self._queries = queries
        self.numbers = Numbers(connection, queries)
        self._lines = Lines(connection, queries)
        self._contents = count((self._execute(queries["last_content"]).get or 0) + 1)

    def accept(
        self,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        *,
        claim: Claim | None = None,
        terms: Terms | None = None,
    ) -> Message:
        """Store a new message with its content, its first events and the key it claims."""
        if message.state not in STARTS:
            raise TransitionConflictError(f"No message starts as {message.state}.")
        if claim is not None:
            self.refuse_taken(claim)
        row_id = self._add(message, entries)
        if terms is not None:
            message, stages = self._settle(row_id, message, stages, terms)
        execute, queries = self._execute, self._queries
        self._execute_each(queries["put_stage"], [stage_row(row_id, stage) for stage in stages])
        if message.state is State.DELIVERING:
            execute(queries["open_attempt"], (row_id, 1, micros(message.accepted_at)))
        if claim is not None:
            execute(queries["put_claim"], (*scope_row(claim.scope), claim.fingerprint, row_id))
        return message

    def _add(self, message: Message, entries: Sequence[Entry]) -> int:
        """Store a new message with its first events; returns its number."""
        head, digests = START, []
        for number, entry in enumerate(entries, start=1):
            head = link(message.id, entry, number=number, previous=head)
            digests.append(head)
        execute, execute_each, queries = self._execute, self._execute_each, self._queries
        execute(
            queries["accept_message"],
            new_message_row(message, event_count=len(digests), head_hash=head),
        )
        row_id = self._connection.last_insert_rowid()
        numbered = enumerate(zip(entries, digests, strict=True), start=1)
        events = [event_row(row_id, number, entry, digest) for number, (entry, digest) in numbered]
        execute_each(queries["add_event"], events)
        return row_id

    def _settle(
        self, row_id: int, message: Message, stages: Sequence[Stage], terms: Terms
    ) -> tuple[Message, Sequence[Stage]]:
        """Settle what a new message is accepted under; the message and its stages after that."""
        if terms.order_key is not None:
            message = self._lines.join(row_id, message, terms.order_key)
        if terms.numbering is not None:
            stages = self.numbers.give(row_id, terms.numbering)
        refer(self._connection, row_id, message, terms.attachments)
        return message, stages

    def new_content(self) -> int:
        """A number for a large body; writes nothing."""
        return next(self._contents)

    def put_piece(self, content: int, number: int, body: memoryview) -> None:
        """Keep one piece of a large body."""
        self._execute(self._queries["put_piece"], (content, number, body))

    def drop_content(self, content: int) -> None:
        """Remove a large body."""
        self._execute(self._queries["drop_content"], (content,))

    def refuse_taken(self, claim: Claim) -> None:
        """Refuse a key that belongs to another message."""
        row = self._row("claimed", scope_row(claim.scope))
        if row is None:
            return
        claimed = claimed_of(row)
        if claimed.message.state is State.EXPIRED and claimed.fingerprint == claim.fingerprint:
            return
        raise KeyTakenError("The idempotency key belongs to another message.")

    def advance(self, step: Step) -> Message:
        """Carry one step out and return the message after it."""
        row = self._row("message", (step.message_id,))
        if row is None:
            raise unknown(step)
        if not may_take(row, step):
            raise cannot_take(row, step)
        if step.entry.state is State.ACCEPTED:
            self.refuse_corrected(row)
        return self._move(row, step)

    def refuse_corrected(self, row: Row) -> None:
        """Refuse to let a message go while another one of its family may have an effect."""
        relatives = self.run("relative_with_effect", {"number": row[0]})
        if relatives:
            raise corrected(row, relatives[0][0])

    def run(self, query: str, bindings: Row | Mapping[str, Any] = ()) -> Sequence[Row]:
        """Run a statement by its name, inside the transaction, and read all its rows."""
        return self._execute(self._queries[query], bindings).fetchall()

    def touch(self) -> None:
        """Write something and change nothing: shows whether writing works."""
        version = self._connection.pragma("user_version")
        self._connection.pragma("user_version", version)

    def lease_due(self, channel: str, now: datetime, limit: int) -> list[Message]:
        """Take due messages of one channel for delivery, the oldest due first."""
        moment = micros(now)
        rows = self._execute(
            self._queries["due_messages"], (channel, moment, moment, limit)
        ).fetchall()
        return [self._move(row, _lease(row, now)) for row in rows]

    def plan_anew(self, *, later_than: datetime, now: datetime) -> int:
        """Plan for ``now`` what is planned for later than a moment; how many."""
        moments = (micros(now), micros(later_than))
        return len(self._execute(self._queries["plan_anew"], moments).fetchall())

    def add_refusals(self, refusals: Sequence[Refusal]) -> None:
        """Keep refused calls."""
        for refusal in refusals:
            self._execute(self._queries["add_refusal"], refusal_row(refusal))

    def _move(self, row: Row, step: Step) -> Message:
        """Write the step for a message that was read in this transaction."""
        execute, queries, entry = self._execute, self._queries, step.entry
        number, at, after = row[0], micros(entry.at), row_after(row, step)
        if step.ends_attempt is not None:
            ended = (at, step.ends_attempt, entry.code, number, row[17])
            execute(queries["close_attempt"], ended)
        if step.begins_attempt:
            execute(queries["open_attempt"], (number, after[17], at))
        stands = row[PLACE] is not None  # in a line
        if stands:
            self._lines.prepare(after, at)
        count, digest = after[22:24]
        execute(queries["move_message"], (*after[10:12], *after[14:19], count, digest, number))
        execute(queries["add_event"], event_row(number, count, entry, digest))
        if step.stages:
            if step.keeps_earlier:
                kept = [(at, number, stage.kind) for stage in step.stages]
                self._execute_each(queries["keep_earlier"], kept)
            rows = [stage_row(number, stage) for stage in step.stages]
            self._execute_each(queries["put_stage"], rows)
        if stands:
            self._lines.settle(after, at, leaves=leaves_line(step))
        return message_of(after)

    def _row(self, query: str, bindings: Row) -> Row | None:
        """The one row of a query, or None; read to its end, so that no reading stays open."""
        rows = self._execute(self._queries[query], bindings).fetchall()
        return rows[0] if rows else None


def _lease(row: Row, now: datetime) -> Step:
    entry = Entry(at=now, event="delivery.started", state=State.DELIVERING, attempt=row[17] + 1)
    return Step(message_id=row[1], start=_DUE, entry=entry, begins_attempt=True)
