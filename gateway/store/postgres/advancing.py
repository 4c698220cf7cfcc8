"""Steps of messages, many in one statement.

A step is planned here, on the row as it was last seen, because the hash of its event depends on it;
the statement carries it out only where nobody moved the message meanwhile. So no lock is held while
this process thinks, and a process that slept too long writes over nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.errors import StoreUnavailableError, TransitionConflictError
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import Step
from gateway.store.moves import cannot_take, leaves_line, may_take, row_after, unknown
from gateway.store.postgres.columns import columns
from gateway.store.postgres.database import Connection, Database, RefusedError, UnsureError
from gateway.store.postgres.faults import refused
from gateway.store.postgres.groups import Result
from gateway.store.postgres.heads import Heads
from gateway.store.postgres.lines import Lines
from gateway.store.rows import ORDER_KEY, PLACE, Row, message_of, micros, stage_row


@dataclass(kw_only=True, slots=True)
class Move:
    """A step on its way.

    Attributes:
        step: The step.
        sent: Hashes of its event as they were sent; one of them in the history: it was taken.
    """

    step: Step
    sent: list[bytes] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        """Content that is written with it."""
        return sum(len(stage.body) for stage in self.step.stages)


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A step with the rows of its message before and after it."""

    step: Step
    before: Row
    after: Row


class Advancing:
    """Carries batches of steps out."""

    def __init__(self, database: Database, heads: Heads, process: int) -> None:
        self._database = database
        self._heads = heads
        self._process = process
        self._lines = Lines(database)

    async def carry_out(self, batch: Sequence[Move]) -> Sequence[Result[Message]]:
        """Carry a batch out; a step that is refused undoes no other.

        Returns:
            For each step its message after it, or why it was not taken.
        """
        results: dict[int, Result[Message]] = {}
        waiting = dict(enumerate(batch))
        try:
            while waiting:
                results |= await self._round(waiting)
                waiting = {place: waiting[place] for place in waiting if place not in results}
        except StoreUnavailableError as error:
            results |= dict.fromkeys(waiting, (None, error))
        return [results[place] for place in range(len(batch))]

    async def _round(self, waiting: dict[int, Move]) -> dict[int, Result[Message]]:
        """Try the first step of each message; those that are missing in the result, once more."""
        firsts: dict[str, int] = {}
        for place, move in waiting.items():
            firsts.setdefault(move.step.message_id, place)
        known = {one: row for one in firsts if (row := self._heads.get(one)) is not None}
        found = await self._read([one for one in firsts if one not in known])
        results: dict[int, Result[Message]] = {}
        planned: dict[int, Planned] = {}
        for message_id, place in firsts.items():
            step = waiting[place].step
            row = known.get(message_id) or found.get(message_id)
            try:
                planned[place] = _plan(row, step)
            except TransitionConflictError as error:
                self._heads.forget(message_id)
                if message_id not in known:
                    results[place] = None, error
            except Exception as error:  # noqa: BLE001 - the task that waits for this step raises it
                results[place] = None, error
        for place, plan in planned.items():
            waiting[place].sent.append(plan.after[23])
            if plan.before[PLACE] is not None:
                results |= await self._move_in_line(place, plan)
        free = {place: plan for place, plan in planned.items() if plan.before[PLACE] is None}
        return results | await self._move(free)

    async def _move_in_line(self, place: int, plan: Planned) -> dict[int, Result[Message]]:
        """Move a message that others wait for, or that waits, under the lock of its line."""
        step, at = plan.step, micros(plan.step.entry.at)
        try:
            async with self._database.transaction() as on:
                await self._lines.lock(plan.before[ORDER_KEY], on)
                # Its turn may have come since; that is no move, so the head does not show it.
                (row,) = await self._database.write("messages", [step.message_id], on=on)
                plan = plan_on(row, step) if row[23] == plan.before[23] else plan
                after = list(plan.after)
                await self._lines.prepare(after, at, on)
                plan = replace(plan, after=after)
                moved = await move_rows(self._database, [plan], process=self._process, on=on)
                if moved:
                    await self._lines.settle(after, at, on, leaves=leaves_line(step))
        except RefusedError as refusal:
            return {place: (None, refused(refusal.error))}
        except UnsureError:
            self._heads.forget(step.message_id)
            raise
        return {place: (self._done(plan), None)} if self._was_moved(plan, moved) else {}

    async def _read(self, ids: Sequence[str]) -> dict[str, Row]:
        if not ids:
            return {}
        return {row[1]: row for row in await self._database.read("messages", ids)}

    async def _move(self, planned: dict[int, Planned]) -> dict[int, Result[Message]]:
        if not planned:
            return {}
        try:
            moved = await move_rows(self._database, list(planned.values()), process=self._process)
        except RefusedError as refusal:
            if len(planned) == 1:
                return dict.fromkeys(planned, (None, refused(refusal.error)))
            return await self._move_apart(planned)
        except UnsureError:
            for plan in planned.values():
                self._heads.forget(plan.step.message_id)
            raise
        return {
            place: (self._done(plan), None)
            for place, plan in planned.items()
            if self._was_moved(plan, moved)
        }

    async def _move_apart(self, planned: dict[int, Planned]) -> dict[int, Result[Message]]:
        results: dict[int, Result[Message]] = {}
        for place, plan in planned.items():
            results |= await self._move({place: plan})
        return results

    def _was_moved(self, plan: Planned, moved: frozenset[int]) -> bool:
        if plan.before[0] in moved:
            return True
        self._heads.forget(plan.step.message_id)
        return False

    def _done(self, plan: Planned) -> Message:
        if plan.after[10] == State.DELIVERING:
            self._heads.keep(plan.after)
        else:
            self._heads.forget(plan.step.message_id)
        return message_of(plan.after)


def plan_on(row: Row, step: Step) -> Planned:
    """Plan a step that the message may take."""
    return Planned(step=step, before=row, after=row_after(row, step))


async def move_rows(
    database: Database,
    planned: Sequence[Planned],
    *,
    process: int,
    on: "Connection | None" = None,
) -> frozenset[int]:
    """Carry planned steps out, of different messages; return the numbers of those that moved.

    Args:
        database: Where the messages are.
        planned: The steps.
        process: Owner of the attempts that begin.
        on: As for ``Database.write``.

    Raises:
        RefusedError, UnsureError, StoreUnavailableError: As ``Database.write``.
    """
    stages = [
        stage_row(plan.before[0], stage)[:7] for plan in planned for stage in plan.step.stages
    ]
    arguments = [*columns([_row(plan) for plan in planned], 19), *columns(stages, 7)]
    rows = await database.write("move_messages", *arguments, process, on=on)
    return frozenset(row[0] for row in rows)


def _plan(row: Row | None, step: Step) -> Planned:
    if row is None:
        raise unknown(step)
    if not may_take(row, step):
        raise cannot_take(row, step)
    return plan_on(row, step)


def _row(plan: Planned) -> list[Any]:
    before, after, step = plan.before, plan.after, plan.step
    entry = step.entry
    return [
        before[0],
        before[23],
        *after[10:12],
        *after[14:19],
        *after[22:24],
        micros(entry.at),
        entry.event,
        entry.attempt,
        entry.code,
        entry.detail,
        before[17],
        step.ends_attempt,
        step.begins_attempt,
    ]
