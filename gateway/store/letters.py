"""Dead letters in SQLite: causes, corrected copies and replays of many, beside the message store.

Kept out: what is written (``letter_changes``) and the statements (``queries_letters.sql``).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace as changed
from datetime import datetime
from functools import partial
from typing import TypeVar

import apsw

from gateway.errors import TransitionConflictError
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
from gateway.store import letter_changes
from gateway.store.letter_rows import (
    cause_of,
    choice_bindings,
    chosen_of,
    item_of,
    replay_of,
)
from gateway.store.pieces import whole
from gateway.store.queries import load_queries
from gateway.store.rows import Row, moment
from gateway.store.search import bindings_for
from gateway.store.sqlite import SqliteStore
from gateway.store.writer import LARGEST_ON_LOOP_BYTES

T = TypeVar("T")


class SqliteLetters:
    """A ``LetterStore`` in the file of a ``SqliteStore``, open while that is."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._queries = load_queries()

    async def causes(self, wanted: MessageFilter) -> list[Cause]:
        """See ``CauseStore``."""
        return await self._rows("causes", bindings_for(wanted, limit=0, before=None), cause_of)

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
        parts = self._store.parts()
        kept = await parts.pieces.put(stages)
        change = partial(
            letter_changes.correct, parts.transactions, step, message, kept, entries, claim
        )
        try:
            return await parts.writer.submit(change, size_bytes=_size(kept))
        except TransitionConflictError:
            await parts.pieces.drop(kept)
            raise

    async def relations(self, message_id: MessageId) -> Relations:
        """See ``CorrectionStore``."""
        rows = await self._rows("relations", {"id": message_id}, tuple)
        related = [(kind, MessageId(other)) for kind, other in rows]
        return Relations(
            corrects=next((other for kind, other in related if kind == "corrects"), None),
            corrected_by=tuple(other for kind, other in related if kind == "corrected_by"),
        )

    async def earlier_stages(self, message_id: MessageId) -> list[EarlierStage]:
        """See ``CorrectionStore``."""

        def read(connection: apsw.Connection) -> list[EarlierStage]:
            rows: Sequence[Row] = connection.execute(
                self._queries["earlier_stages"], (message_id,)
            ).fetchall()
            return [
                EarlierStage(
                    version=row[0],
                    replaced_at=moment(row[1]),
                    stage=whole(connection, self._queries, row[2:]),
                )
                for row in rows
            ]

        return await self._store.parts().readers.submit(read)

    async def choose(self, choice: Choice, *, limit: int) -> list[Chosen]:
        """See ``ReplayStore``."""
        return await self._rows("choose", choice_bindings(choice, limit=limit), chosen_of)

    async def begin_replay(self, replay: Replay, chosen: Sequence[Chosen]) -> None:
        """See ``ReplayStore``."""
        parts = self._store.parts()
        change = partial(letter_changes.begin_replay, parts.transactions, replay, chosen)
        # Thousands of rows are written beside the event loop, like large content.
        await parts.writer.submit(change, size_bytes=LARGEST_ON_LOOP_BYTES + 1)

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
        parts = self._store.parts()
        kept: Sequence[Stage] = ()
        if handling.step is not None:
            kept = await parts.pieces.put(handling.step.stages)
            handling = changed(handling, step=changed(handling.step, stages=kept))
        change = partial(
            letter_changes.handle_item, parts.transactions, replay_id, position, handling
        )
        handled = await parts.writer.submit(change, size_bytes=_size(kept))
        if handled is None or handled.message is None:
            await parts.pieces.drop(kept)
        return handled

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
        bindings: dict[str, int | str | None] = {
            "id": replay_id,
            "after": after,
            "limit": limit,
            "results": json.dumps(sorted(results)) if results else None,
        }
        return await self._rows("replay_items", bindings, item_of)

    async def stop_replay(self, replay_id: ReplayId, *, at: datetime) -> bool:
        """See ``ReplayStore``."""
        parts = self._store.parts()
        return await parts.writer.submit(
            partial(letter_changes.stop_replay, parts.transactions, replay_id, at)
        )

    async def _with_results(self, row: Row) -> Replay:
        counted = await self._rows("replay_results", (row[1],), tuple)
        return replay_of(row, {ItemResult(result): count for result, count in counted})

    async def _rows(
        self,
        query: str,
        bindings: Sequence[int | str] | Mapping[str, int | str | None],
        value_of: Callable[[Row], T],
    ) -> list[T]:
        statement = self._queries[query]

        def read(connection: apsw.Connection) -> list[T]:
            return [value_of(row) for row in connection.execute(statement, bindings)]

        return await self._store.parts().readers.submit(read)


def _size(stages: Sequence[Stage]) -> int:
    return sum(len(stage.body) for stage in stages)
