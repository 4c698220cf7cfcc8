"""New messages that are accepted under terms: each in a transaction of its own.

They wait for others of their line or sequence, and no message without terms waits with them. Kept
out: messages without terms, of which many share a statement (``accepting``).
"""

from collections.abc import Sequence

from gateway.errors import KeyTakenError
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim
from gateway.messaging.message import Message, Stage
from gateway.messaging.terms import Terms
from gateway.store.postgres.accepting import arguments_of, new_message
from gateway.store.postgres.attachment_index import refer
from gateway.store.postgres.database import Connection, Database, RefusedError
from gateway.store.postgres.faults import refused
from gateway.store.postgres.lines import Lines
from gateway.store.postgres.numbers import Numbers


class UnderTerms:
    """Stores messages with an order, sequence numbers, or attachments."""

    def __init__(self, database: Database, numbers: Numbers, process: int) -> None:
        self._database = database
        self._process = process
        self._numbers = numbers
        self._lines = Lines(database)

    async def accept(
        self,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        claim: Claim | None,
        terms: Terms,
    ) -> Message:
        """Store a message; durable on return.

        Raises:
            TransitionConflictError: As ``MessageStore.accept``; whatever writing its numbers
                raises, too.
            UnsureError, StoreUnavailableError: As ``Database.write``.
        """
        try:
            async with self._database.transaction() as on:
                return await self._accept(message, stages, entries, claim, terms, on=on)
        except RefusedError as refusal:
            raise refused(refusal.error) from None

    async def _accept(
        self,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        claim: Claim | None,
        terms: Terms,
        *,
        on: Connection,
    ) -> Message:
        numbering, taken = terms.numbering, None
        if numbering is not None:
            taken = await self._numbers.take(numbering, on)
            stages = numbering.write({name: at.number for name, at in taken.items()})
        if terms.order_key is not None:
            await self._lines.lock(terms.order_key, on)
        new = new_message(message, stages, entries, claim)
        rows = await self._database.write(
            "accept_messages", *arguments_of([new], process=self._process), on=on
        )
        if not rows:
            raise KeyTakenError("The idempotency key belongs to another message.")
        number: int = rows[0][1]
        if numbering is not None and taken is not None:
            await self._numbers.keep(number, numbering.channel, taken, on)
        if terms.attachments:
            owner = (number, message.tenant, message.caller)
            await refer(self._database, on, owner, terms.attachments)
        if terms.order_key is None:
            return message
        return await self._lines.join(number, message, terms.order_key, on)
