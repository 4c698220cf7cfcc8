"""Sequence numbers inside a transaction: given to a new message, or compared with what is expected.

A number is given in the transaction that stores its message, so that neither a roll-back nor a
crash takes one away or gives one twice. Kept out: what an incoming number means
(``gateway.messaging.sequence``), and lists of numbers (``number_list``).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import apsw

from gateway.messaging.message import Message, MessageId, Stage
from gateway.messaging.sequence import (
    Finding,
    Judged,
    LastNumber,
    Numbering,
    Position,
    SeenNumber,
    place_number,
)
from gateway.store.rows import Row, micros


class Numbers:
    """Writes numbers, on the one connection that writes."""

    def __init__(self, connection: apsw.Connection, queries: Mapping[str, str]) -> None:
        self._execute = connection.execute
        self._queries = queries

    def give(self, message_number: int, numbering: Numbering) -> Sequence[Stage]:
        """Give a new message its numbers, and write it with them; raises what writing it does."""
        given: dict[str, int] = {}
        for field in numbering.fields:
            limits = {"first": field.first, "last": field.last}
            sequence = {"channel": numbering.channel, "name": field.name}
            row = self._all("next_number", {**sequence, **limits})[0]
            at = Position(round=row[0], number=row[1])
            self._keep(numbering.channel, field.name, at, message_number, incoming=False)
            given[field.name] = at.number
        return numbering.write(given)

    def go_on_after(self, last: LastNumber) -> None:
        """Let a sequence go on after another number."""
        row = (last.channel, last.sequence, last.number)
        self._execute(self._queries["go_on_after"], row)

    def note(self, message: Message, seen: SeenNumber, now: datetime) -> Finding:
        """Compare a number that came with what is expected, and note what that says."""
        channel, name = message.channel, seen.field.name
        rows = self._all("newest_number", (channel, name))
        newest = Position(round=rows[0][0], number=rows[0][1]) if rows else None
        judged = place_number(seen, newest)
        if not judged.newest:
            return self._note_earlier(channel, name, judged.at, message.id)
        at = judged.at
        self._execute(self._queries["expect_after"], (channel, name, at.round, at.number))
        self._keep(channel, name, at, self._number_of(message.id), incoming=True)
        self._miss(channel, name, judged, micros(now))
        return Finding.GAP if judged.missing else Finding.EXPECTED

    def _note_earlier(
        self, channel: str, name: str, at: Position, message_id: MessageId
    ) -> Finding:
        where = (channel, name, at.round, at.number)
        carriers = self._all("carrier_of_number", where)
        if carriers and carriers[0][0] == message_id:
            return Finding.KNOWN
        if carriers:
            self._execute(self._queries["count_repeat"], (channel, name))
            return Finding.REPEAT
        self._fill(channel, name, at)
        self._keep(channel, name, at, self._number_of(message_id), incoming=True)
        return Finding.LATE

    def _fill(self, channel: str, name: str, at: Position) -> None:
        """Take a number out of the gap that it lies in, if there is one."""
        where = (channel, name, at.round)
        for first, last, noticed_at in self._all("gap_with_number", (*where, at.number, at.number)):
            self._execute(self._queries["close_gap"], (*where, first))
            for start, end in ((first, at.number - 1), (at.number + 1, last)):
                if start <= end:
                    row = (*where, start, end, noticed_at)
                    self._execute(self._queries["miss_numbers"], row)

    def _miss(self, channel: str, name: str, judged: Judged, at: int) -> None:
        for gap in judged.missing:
            row = (channel, name, gap.round, gap.first, gap.last, at)
            self._execute(self._queries["miss_numbers"], row)

    def _keep(
        self, channel: str, name: str, at: Position, message_number: int, *, incoming: bool
    ) -> None:
        row = (channel, name, incoming, at.round, at.number, message_number)
        self._execute(self._queries["keep_number"], row)

    def _number_of(self, message_id: MessageId) -> int:
        number: int = self._all("message_number", (message_id,))[0][0]
        return number

    def _all(self, query: str, bindings: Any) -> Sequence[Row]:
        """The rows of a query; read to its end, so that no reading stays open."""
        rows: Sequence[Row] = self._execute(self._queries[query], bindings).fetchall()
        return rows
