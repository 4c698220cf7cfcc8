"""What is written about dead letters, inside a transaction that the writer has begun.

As in ``transactions``, every function writes its whole change or raises, and only
``TransitionConflictError`` promises that nothing was written.
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.errors import TransitionConflictError
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim
from gateway.messaging.message import Message, Stage
from gateway.messaging.ports import Step
from gateway.messaging.replays import (
    Chosen,
    Handled,
    Handling,
    Replay,
    ReplayId,
)
from gateway.store.letter_rows import replay_row
from gateway.store.moves import may_take
from gateway.store.rows import micros, moment
from gateway.store.transactions import Transactions


def correct(
    transactions: Transactions,
    step: Step,
    message: Message,
    stages: Sequence[Stage],
    entries: Sequence[Entry],
    claim: Claim | None,
) -> Message:
    """Accept a corrected copy and take the step of its original; returns the original."""
    if claim is not None:
        transactions.refuse_taken(claim)
    rows = transactions.run("message", (step.message_id,))
    if not rows or not may_take(rows[0], step):
        raise TransitionConflictError(f"Message {step.message_id} cannot be corrected now.")
    transactions.refuse_corrected(rows[0])
    transactions.accept(message, stages, entries, claim=claim)
    transactions.run("add_correction", {"copy": message.id, "original": rows[0][0]})
    return transactions.advance(step)


def begin_replay(transactions: Transactions, replay: Replay, chosen: Sequence[Chosen]) -> None:
    """Keep a new replay with its messages."""
    transactions.run("begin_replay", replay_row(replay))
    number = transactions.run("replay", (replay.id,))[0][0]
    for position, one in enumerate(chosen):
        transactions.run("add_replay_item", (number, position, one.message_id, one.event_count))


def handle_item(
    transactions: Transactions, replay_id: ReplayId, position: int, handling: Handling
) -> Handled | None:
    """Move the next message of a replay and note it; None: it is not its turn."""
    found = transactions.run("replay_item", (replay_id, position))
    if not found:
        return None
    number, pause, chosen, message_id, event_count = found[0]
    message, code = _move(transactions, handling, message_id, event_count)
    result = handling.ended(moved=message is not None)
    next_at = micros(handling.at) + pause
    transactions.run("note_item", (result, code, number, position))
    transactions.run(
        "advance_replay",
        {
            "handled": position + 1,
            "next_at": next_at,
            "at": micros(handling.at),
            "number": number,
        },
    )
    return Handled(
        result=result, message=message, next_at=moment(next_at), is_last=position + 1 == chosen
    )


def stop_replay(transactions: Transactions, replay_id: ReplayId, at: datetime) -> bool:
    """End a replay; whether it was running."""
    return bool(transactions.run("stop_replay", (micros(at), replay_id)))


def _move(
    transactions: Transactions, handling: Handling, message_id: str, event_count: int
) -> tuple[Message | None, str | None]:
    """The message after its step, or why it was not moved."""
    if handling.step is None:
        return None, handling.code
    rows = transactions.run("message", (message_id,))
    if not rows or rows[0][22] != event_count:
        return None, TransitionConflictError.code
    try:
        return transactions.advance(handling.step), None
    except TransitionConflictError as conflict:
        return None, conflict.code
