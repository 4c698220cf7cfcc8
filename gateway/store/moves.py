"""Whether a stored message may take a step, and what its row is afterwards.

Pure functions over rows of the table ``messages``; every store plans its steps with them. Kept out:
reading and writing the rows.
"""

from typing import Any

from gateway.errors import MessageCorrectedError, TransitionConflictError
from gateway.messaging.history import link
from gateway.messaging.lifecycle import State, is_settled, may_move
from gateway.messaging.order import FREE
from gateway.messaging.ports import Step
from gateway.store.rows import ORDER_KEY, PLACE, STATES, Row, micros, micros_or_none


def may_take(row: Row, step: Step) -> bool:
    """Whether the message of this row is where the step starts, and the life cycle has the move.

    A step that ends an attempt belongs to that one: who was away while the attempt was taken over
    does not end the next one.
    """
    state = STATES[row[10]]
    end = step.entry.state
    if step.ends_attempt is not None and step.entry.attempt not in (None, row[17]):
        return False
    moves = state in step.start and (state is end or may_move(state, end))
    return moves and not _gave_up(row, step)


def leaves_line(step: Step) -> bool:
    """Whether a message that stands in a line is finished with this step, or gives up its place."""
    return step.leaves_line or step.entry.state in FREE


def cannot_take(row: Row, step: Step) -> TransitionConflictError:
    """The error of a step that the message may not take."""
    if _gave_up(row, step):
        return TransitionConflictError(
            f"Message {step.message_id} gave up its place in the order; ask anew instead."
        )
    return TransitionConflictError(
        f"Message {step.message_id} is {row[10]} and cannot become {step.entry.state}."
    )


def _gave_up(row: Row, step: Step) -> bool:
    """Whether it would be sent again behind others that it let go before it."""
    gone = row[ORDER_KEY] is not None and row[PLACE] is None
    return gone and step.entry.state is State.ACCEPTED


def unknown(step: Step) -> TransitionConflictError:
    """The error of a step of a message that is not there."""
    return TransitionConflictError(f"There is no message {step.message_id}.")


def corrected(row: Row, relative: str) -> MessageCorrectedError:
    """The error of a message that must not go beside another one of its family."""
    return MessageCorrectedError(
        f"Message {row[1]} cannot be sent beside its corrected copy or original {relative}, which"
        " may reach the authority or has reached it."
    )


def row_after(row: Row, step: Step) -> list[Any]:
    """The row of the message after the step, with the hash of the step's entry as its head."""
    entry = step.entry
    changed = list(row)
    changed[10] = entry.state
    changed[11] = step.outcome or row[11]
    if step.begins_attempt:
        changed[17] = row[17] + 1
    if STATES[row[10]] is not entry.state:
        # A step that stays adds to the history; it plans, settles and fails nothing.
        changed[14] = micros(entry.at) if is_settled(entry.state) else None
        changed[15] = row[15] if step.deadline_at is None else micros(step.deadline_at)
        changed[16] = micros_or_none(step.next_attempt_at)
        changed[18] = entry.code
    changed[22] = row[22] + 1
    changed[23] = link(step.message_id, entry, number=changed[22], previous=row[23])
    return changed
