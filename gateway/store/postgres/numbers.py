"""Sequence numbers inside a transaction: given to a new message, or compared with what is expected.

As on SQLite (``gateway.store.numbers``). The row of a sequence is held from the moment a number is
taken until its message is durable, so messages of one sequence are accepted one after the other,
whichever process takes them.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from gateway.messaging.message import Message, MessageId
from gateway.messaging.sequence import (
    Finding,
    LastNumber,
    Numbering,
    Position,
    SeenNumber,
    place_number,
)
from gateway.store.postgres.database import Connection, Database
from gateway.store.rows import micros


class Numbers:
    """Writes numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, numbering: Numbering, on: Connection) -> Mapping[str, Position]:
        """The next number of each sequence, by name; they are given back if it rolls back."""
        taken = {}
        # In one order, so that two messages never wait for each other.
        for field in sorted(numbering.fields, key=lambda one: one.name):
            ((round_, number),) = await self._database.write(
                "next_number", numbering.channel, field.name, field.first, field.last, on=on
            )
            taken[field.name] = Position(round=round_, number=number)
        return taken

    async def keep(
        self, message_number: int, channel: str, taken: Mapping[str, Position], on: Connection
    ) -> None:
        """Remember which message has the numbers."""
        for name, at in taken.items():
            row = (channel, name, False, at.round, at.number, message_number)
            await self._database.write("keep_number", *row, on=on)

    async def go_on_after(self, last: LastNumber) -> None:
        """Let a sequence go on after another number."""
        await self._database.write("go_on_after", last.channel, last.sequence, last.number)

    async def note(self, message: Message, seen: SeenNumber, now: datetime) -> Finding:
        """Compare a number that came with what is expected, and note what that says."""
        channel, name = message.channel, seen.field.name
        async with self._database.transaction() as on:
            await self._database.write("lock", _lock_of(channel, name), on=on)
            rows = await self._database.write("newest_number", channel, name, on=on)
            newest = Position(round=rows[0][0], number=rows[0][1]) if rows else None
            judged = place_number(seen, newest)
            at = judged.at
            if not judged.newest:
                return await self._note_earlier(channel, name, at, message.id, on)
            await self._database.write("expect_after", channel, name, at.round, at.number, on=on)
            await self._keep_incoming(channel, name, at, message.id, on)
            for gap in judged.missing:
                row = (channel, name, gap.round, gap.first, gap.last, micros(now))
                await self._database.write("miss_numbers", *row, on=on)
        return Finding.GAP if judged.missing else Finding.EXPECTED

    async def _note_earlier(
        self, channel: str, name: str, at: Position, message_id: MessageId, on: Connection
    ) -> Finding:
        carrier = await self._database.write(
            "carrier_of_number", channel, name, at.round, at.number, on=on
        )
        if carrier and carrier[0][0] == message_id:
            return Finding.KNOWN
        if carrier:
            await self._database.write("count_repeat", channel, name, on=on)
            return Finding.REPEAT
        await self._fill(channel, name, at, on)
        await self._keep_incoming(channel, name, at, message_id, on)
        return Finding.LATE

    async def _fill(self, channel: str, name: str, at: Position, on: Connection) -> None:
        """Take a number out of the gap that it lies in, if there is one."""
        where = (channel, name, at.round)
        gaps = await self._database.write("gap_with_number", *where, at.number, at.number, on=on)
        for first, last, noticed_at in gaps:
            await self._database.write("close_gap", *where, first, on=on)
            for start, end in ((first, at.number - 1), (at.number + 1, last)):
                if start <= end:
                    row = (*where, start, end, noticed_at)
                    await self._database.write("miss_numbers", *row, on=on)

    async def _keep_incoming(
        self, channel: str, name: str, at: Position, message_id: MessageId, on: Connection
    ) -> None:
        ((number,),) = await self._database.write("message_number", message_id, on=on)
        row = (channel, name, True, at.round, at.number, number)
        await self._database.write("keep_number", *row, on=on)


def _lock_of(channel: str, name: str) -> int:
    digest = hashlib.sha256(f"{channel}\n{name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
