"""One message that goes again, in a transaction of its own: rare, and never beside its family.

What ``advancing`` does for many at a time without a lock, this does for one, holding its row: an
original and its corrected copies must not go at the same time, and what is made anew is kept.
"""

from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import Step
from gateway.store.moves import cannot_take, corrected, may_take, unknown
from gateway.store.postgres.advancing import move_rows, plan_on
from gateway.store.postgres.database import Connection, Database, RefusedError
from gateway.store.postgres.faults import refused
from gateway.store.postgres.heads import Heads
from gateway.store.rows import Row, message_of, micros


async def replay_alone(database: Database, heads: Heads, step: Step) -> Message:
    """Carry one step out in a transaction; errors as ``MessageStore.advance``."""
    try:
        async with database.transaction() as held:
            return await take_step(database, heads, step, on=held)
    except RefusedError as refusal:
        raise refused(refusal.error) from None


async def take_step(database: Database, heads: Heads, step: Step, *, on: Connection) -> Message:
    """Carry one step out inside a transaction.

    Raises:
        TransitionConflictError: The message may not take it; nothing was written.
        RefusedError, UnsureError, StoreUnavailableError: As ``Database.write``.
    """
    row = await hold(database, step, on=on)
    if step.entry.state is State.ACCEPTED:
        await refuse_corrected(database, row, on=on)
    if step.keeps_earlier:
        kinds = [str(stage.kind) for stage in step.stages]
        await database.write("keep_earlier", micros(step.entry.at), row[0], kinds, on=on)
    plan = plan_on(row, step)
    heads.forget(step.message_id)
    await move_rows(database, [plan], on=on)
    return message_of(plan.after)


async def hold(database: Database, step: Step, *, on: Connection) -> Row:
    """The row of a message that may take a step; nobody else moves it in this transaction.

    Raises:
        TransitionConflictError: It may not, or there is none.
    """
    rows = await database.write("hold_message", step.message_id, on=on)
    if not rows:
        raise unknown(step)
    if not may_take(rows[0], step):
        raise cannot_take(rows[0], step)
    return rows[0]


async def refuse_corrected(database: Database, row: Row, *, on: Connection) -> None:
    """Refuse to let a message go while another one of its family may have an effect."""
    await database.write("hold_family", row[0], on=on)
    relatives = await database.write("relative_with_effect", row[0], on=on)
    if relatives:
        raise corrected(row, relatives[0][0])
