"""Lines of messages that declare an order: who may go, and who goes next.

As on SQLite (``gateway.store.lines``), under a lock for each key: of several processes that let
messages join or leave a line, one after the other sees who is first. Kept out: the message itself
(``terms``, ``advancing``).
"""

from dataclasses import replace
from typing import Any

from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.store.lines import NEVER, time_to_deliver
from gateway.store.postgres.database import Connection, Database
from gateway.store.rows import (
    DEADLINE_AT,
    NEXT_ATTEMPT_AT,
    NUMBER,
    ORDER_KEY,
    PLACE,
    STATE,
    TIME_TO_DELIVER,
    micros,
    moment,
)


class Lines:
    """Writes the place of messages; everything within a transaction that its caller has begun."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lock(self, key: bytes, on: Connection) -> None:
        """Wait until nobody else changes the line, and keep others out until the end."""
        number = int.from_bytes(key[:8], signed=True)
        await self._database.write("lock", number, on=on)

    async def join(self, number: int, message: Message, key: bytes, on: Connection) -> Message:
        """Put a new message at the end of its line; see ``gateway.store.lines.Lines.join``."""
        turn: tuple[int | None, int, int | None]
        if await self._first(key, on) in (None, number):
            turn = None, micros(message.deadline_at), micros(message.accepted_at)
            joined = replace(message, in_line=True, next_attempt_at=message.accepted_at)
        else:
            turn = time_to_deliver(message), NEVER, None
            joined = replace(message, in_line=True, deadline_at=moment(NEVER), next_attempt_at=None)
        await self._database.write("join_line", key, *turn, number, on=on)
        return joined

    async def prepare(self, row: list[Any], at: int, on: Connection) -> None:
        """Before a move is written; see ``gateway.store.lines.Lines.prepare``."""
        if row[TIME_TO_DELIVER] is not None:
            if row[STATE] != State.ACCEPTED:
                row[DEADLINE_AT] = at + row[TIME_TO_DELIVER]
                row[TIME_TO_DELIVER] = None
                await self._set_turn(row, on)
        elif row[STATE] == State.ACCEPTED and await self._first(row[ORDER_KEY], on) != row[NUMBER]:
            row[TIME_TO_DELIVER] = row[DEADLINE_AT] - at
            row[DEADLINE_AT], row[NEXT_ATTEMPT_AT] = NEVER, None

    async def settle(self, row: list[Any], at: int, on: Connection, *, leaves: bool) -> None:
        """After a move is written; see ``gateway.store.lines.Lines.settle``."""
        if leaves:
            await self._database.write("leave_line", row[NUMBER], on=on)
            row[PLACE] = row[TIME_TO_DELIVER] = None
            await self._begin_next_turn(row[ORDER_KEY], at, on)
        elif row[TIME_TO_DELIVER] is not None:
            await self._set_turn(row, on)

    async def _begin_next_turn(self, key: bytes, at: int, on: Connection) -> None:
        for number, time in await self._database.write("first_in_line", key, on=on):
            if time is not None:
                await self._database.write("begin_turn", at, at + time, number, on=on)

    async def _first(self, key: bytes, on: Connection) -> int | None:
        rows = await self._database.write("first_in_line", key, on=on)
        return rows[0][0] if rows else None

    async def _set_turn(self, row: list[Any], on: Connection) -> None:
        await self._database.write("set_turn", row[TIME_TO_DELIVER], row[NUMBER], on=on)
