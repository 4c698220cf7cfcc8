"""Lines of messages that declare an order: who may go, and who goes next.

All of it inside the transaction of the message that joins, moves or leaves, so that a crash finds
every line with exactly one message whose turn it is. Kept out: the message itself
(``transactions``) and what is told of lines (``line_list``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import apsw

from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.store.rows import (
    DEADLINE_AT,
    NEXT_ATTEMPT_AT,
    NUMBER,
    ORDER_KEY,
    PLACE,
    STATE,
    TIME_TO_DELIVER,
    Row,
    micros,
    moment,
)

NEVER = 253_402_300_799_000_000
"""The end of the year 9999: the deadline of a message whose turn has not come."""


class Lines:
    """Writes the place of messages, on the one connection that writes."""

    def __init__(self, connection: apsw.Connection, queries: Mapping[str, str]) -> None:
        self._execute = connection.execute
        self._queries = queries

    def join(self, number: int, message: Message, key: bytes) -> Message:
        """Put a new message, stored as ``accepted``, at the end of its line.

        Returns:
            The message as it is now: without a planned attempt if another one is before it.
        """
        turn: tuple[int | None, int, int | None]
        if self._first(key) is None:
            turn = None, micros(message.deadline_at), micros(message.accepted_at)
            joined = replace(message, in_line=True, next_attempt_at=message.accepted_at)
        else:
            turn = time_to_deliver(message), NEVER, None
            joined = replace(message, in_line=True, deadline_at=moment(NEVER), next_attempt_at=None)
        self._execute(self._queries["join_line"], (key, *turn, number))
        return joined

    def prepare(self, row: list[Any], at: int) -> None:
        """Before a move is written: nothing is planned for a message whose turn has not come.

        Args:
            row: The message as the move will leave it; changed where it waits, or has waited.
            at: When it moves, in microseconds.
        """
        if row[TIME_TO_DELIVER] is not None:
            if row[STATE] != State.ACCEPTED:
                row[DEADLINE_AT] = at + row[TIME_TO_DELIVER]
                row[TIME_TO_DELIVER] = None
                self._set_turn(row)
        elif row[STATE] == State.ACCEPTED and self._first(row[ORDER_KEY]) != row[NUMBER]:
            row[TIME_TO_DELIVER] = row[DEADLINE_AT] - at
            row[DEADLINE_AT], row[NEXT_ATTEMPT_AT] = NEVER, None

    def settle(self, row: list[Any], at: int, *, leaves: bool) -> None:
        """After a move is written: a message that is finished leaves, and the next one may go.

        Args:
            row: The message as it is now; changed where it leaves.
            at: When it moved, in microseconds.
            leaves: Whether it is finished.
        """
        if leaves:
            self._execute(self._queries["leave_line"], (row[NUMBER],))
            row[PLACE] = row[TIME_TO_DELIVER] = None
            self._begin_next_turn(row[ORDER_KEY], at)
        elif row[TIME_TO_DELIVER] is not None:
            self._set_turn(row)

    def _begin_next_turn(self, key: bytes, at: int) -> None:
        for number, time in self._at_front(key):
            if time is not None:
                self._execute(self._queries["begin_turn"], (at, at + time, number))

    def _first(self, key: bytes) -> int | None:
        rows = self._at_front(key)
        return rows[0][0] if rows else None

    def _at_front(self, key: bytes) -> Sequence[Row]:
        """The first of a line, if there is one; read to its end, so that no reading stays open."""
        rows: Sequence[Row] = self._execute(self._queries["first_in_line"], (key,)).fetchall()
        return rows

    def _set_turn(self, row: list[Any]) -> None:
        self._execute(self._queries["set_turn"], (row[TIME_TO_DELIVER], row[NUMBER]))


def time_to_deliver(message: Message) -> int:
    """How long a new message may take from its turn on, in microseconds."""
    return micros(message.deadline_at) - micros(message.accepted_at)
