"""Dead letters in PostgreSQL: causes, corrected copies and replays of many.

Kept out: how one message goes again (``replaying``), and the statements (``queries_letters.sql``).
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from gateway.errors import KeyTakenError, TransitionConflictError
from gateway.messaging.causes import Cause
from gateway.messaging.corrections import EarlierStage, Relations
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim
from gateway.messaging.message import Message, MessageId, Stage
from gateway.messaging.ports import MessageFilter, Step
from gateway.messaging.replays import (
    Choice,
    Chosen,
    Handled,
    Handling,
    Item,
    ItemResult,
    Replay,
    ReplayId,
)
from gateway.store.letter_rows import (
    cause_of,
    chosen_of,
    filter_arguments,
    ids_argument,
    item_of,
    replay_of,
    replay_row,
)
from gateway.store.postgres.accepting import arguments_of, new_message
from gateway.store.postgres.database import Connection
from gateway.store.postgres.store import PostgresStore
from gateway.store.rows import Row, micros, moment, stage_of

T = TypeVar("T")


class PostgresLetters:
    """A ``LetterStore`` in the database of a ``PostgresStore``, open while that is."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._replaying = store.replaying
        self._database = store.replaying.database

    async def causes(self, wanted: MessageFilter) -> list[Cause]:
        """See ``CauseStore``."""
        return await self._rows("causes", filter_arguments(wanted), cause_of)

    async def correct(
        self,
        step: Step,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        *,
        claim: Claim | None = None,
    ) -> Message:
        """See ``CorrectionStore``."""
        new = new_message(message, stages, entries, claim)
        async with self._replaying.transaction() as on:
            row = await self._replaying.hold(step, on=on)
            await self._replaying.refuse_corrected(row, on=on)
            arguments = arguments_of([new], process=self._replaying.process)
            accepted = await self._database.write("accept_messages", *arguments, on=on)
            if not accepted:
                raise KeyTakenError("The idempotency key belongs to another message.")
            await self._database.write("add_correction", accepted[0][1], row[0], on=on)
            original = await self._replaying.take(step, on=on)
        self._store.tell(message)
        return self._store.tell(original)

    async def relations(self, message_id: MessageId) -> Relations:
        """See ``CorrectionStore``."""
        rows = await self._rows("relations", (message_id,), tuple)
        related = [(kind, MessageId(other)) for kind, other, _ in rows]
        return Relations(
            corrects=next((other for kind, other in related if kind == "corrects"), None),
            corrected_by=tuple(other for kind, other in related if kind == "corrected_by"),
        )

    async def earlier_stages(self, message_id: MessageId) -> list[EarlierStage]:
        """See ``CorrectionStore``."""
        return await self._rows("earlier_stages", (message_id,), _earlier_of)

    async def choose(self, choice: Choice, *, limit: int) -> list[Chosen]:
        """See ``ReplayStore``."""
        arguments = (*filter_arguments(choice.wanted), ids_argument(choice), limit)
        return await self._rows("choose", arguments, chosen_of)

    async def begin_replay(self, replay: Replay, chosen: Sequence[Chosen]) -> None:
        """See ``ReplayStore``."""
        ids = [one.message_id for one in chosen]
        counts = [one.event_count for one in chosen]
        await self._database.write("begin_replay", *replay_row(replay), ids, counts)

    async def running_replays(self) -> list[Replay]:
        """See ``ReplayStore``."""
        return await self._rows("running_replays", (), replay_of)

    async def due_items(self, replay: Replay, *, limit: int) -> list[Item]:
        """See ``ReplayStore``."""
        return await self._rows("due_items", (replay.id, replay.handled, limit), item_of)

    async def handle_item(
        self, replay_id: ReplayId, position: int, handling: Handling
    ) -> Handled | None:
        """See ``ReplayStore``."""
        async with self._replaying.transaction() as on:
            found = await self._database.write("hold_replay", replay_id, position, on=on)
            if not found:
                return None
            number, pause, chosen, message_id, event_count = found[0]
            message, code = await self._move(handling, message_id, event_count, on=on)
            result = handling.ended(moved=message is not None)
            at = micros(handling.at)
            await self._database.write("note_item", result, code, number, position, on=on)
            await self._database.write(
                "advance_replay", position + 1, at + pause, at, number, on=on
            )
        return Handled(
            result=result,
            message=None if message is None else self._store.tell(message),
            next_at=moment(at + pause),
            is_last=position + 1 == chosen,
        )

    async def replay(self, replay_id: ReplayId) -> Replay | None:
        """See ``ReplayStore``."""
        rows = await self._rows("replay", (replay_id,), tuple)
        return await self._with_results(rows[0]) if rows else None

    async def replays_of(self, *, tenant: str, caller: str, limit: int) -> list[Replay]:
        """See ``ReplayStore``."""
        rows = await self._rows("replays_of", (tenant, caller, limit), tuple)
        return [await self._with_results(row) for row in rows]

    async def replay_items(
        self, replay_id: ReplayId, *, after: int, limit: int, results: frozenset[ItemResult]
    ) -> list[Item]:
        """See ``ReplayStore``."""
        wanted = json.dumps(sorted(results)) if results else None
        return await self._rows("replay_items", (replay_id, after, limit, wanted), item_of)

    async def stop_replay(self, replay_id: ReplayId, *, at: datetime) -> bool:
        """See ``ReplayStore``."""
        return bool(await self._database.write("stop_replay", micros(at), replay_id))

    async def _move(
        self, handling: Handling, message_id: str, event_count: int, *, on: Connection
    ) -> tuple[Message | None, str | None]:
        """The message after its step, or why it was not moved."""
        if handling.step is None:
            return None, handling.code
        rows = await self._database.write("hold_message", message_id, on=on)
        if not rows or rows[0][22] != event_count:
            return None, TransitionConflictError.code
        try:
            return await self._replaying.take(handling.step, on=on), None
        except TransitionConflictError as conflict:  # it wrote nothing
            return None, conflict.code

    async def _with_results(self, row: Row) -> Replay:
        counted = await self._rows("replay_results", (row[1],), tuple)
        return replay_of(row, {ItemResult(result): count for result, count in counted})

    async def _rows(
        self, query: str, arguments: Sequence[object], value_of: Callable[[Row], T]
    ) -> list[T]:
        return [value_of(row) for row in await self._database.read(query, *arguments)]


def _earlier_of(row: Row) -> EarlierStage:
    version, replaced_at, *columns = row
    return EarlierStage(
        version=version, replaced_at=moment(replaced_at), stage=stage_of(tuple(columns))
    )
