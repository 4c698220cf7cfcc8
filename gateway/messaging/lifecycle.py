"""The states of a message and the moves between them: one table.

The store repeats the table as constraints, ``docs/states.md`` draws it; a test compares the three.
Kept out: who moves a message and why (``gateway.flow``).
"""

from enum import StrEnum


class State(StrEnum):
    """Where a message is."""

    ACCEPTED = "accepted"
    DELIVERING = "delivering"
    RETRYING = "retrying"
    AWAITING_ANSWER = "awaiting_answer"
    ANSWERED = "answered"
    INVALID = "invalid"
    DEAD = "dead"
    IN_DOUBT = "in_doubt"
    UNANSWERED = "unanswered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What the authority said; apart from the state, which says what the gateway did."""

    ANSWERED = "answered"
    REJECTED = "rejected"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.ACCEPTED: frozenset({State.DELIVERING, State.CANCELLED, State.EXPIRED}),
    State.DELIVERING: frozenset(
        {
            State.ANSWERED,
            State.AWAITING_ANSWER,
            State.RETRYING,
            State.INVALID,
            State.DEAD,
            State.IN_DOUBT,
            State.EXPIRED,
        }
    ),
    State.RETRYING: frozenset({State.DELIVERING, State.DEAD, State.EXPIRED, State.CANCELLED}),
    State.AWAITING_ANSWER: frozenset(
        {State.ANSWERED, State.INVALID, State.UNANSWERED, State.EXPIRED}
    ),
    State.DEAD: frozenset({State.ACCEPTED}),
    State.IN_DOUBT: frozenset({State.AWAITING_ANSWER, State.ANSWERED, State.ACCEPTED, State.DEAD}),
    State.INVALID: frozenset({State.ANSWERED}),
    State.UNANSWERED: frozenset({State.ANSWERED, State.ACCEPTED}),
    State.ANSWERED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""From each state, the states a message may move to."""

STARTS = frozenset({State.ACCEPTED, State.DELIVERING})
"""States a message may be created in; ``delivering`` when the caller waits."""

MOVING = frozenset({State.ACCEPTED, State.DELIVERING, State.RETRYING, State.AWAITING_ANSWER})
"""States the gateway leaves by itself; in all others it waits for an operator, or for nothing."""


def may_move(start: State, end: State) -> bool:
    """Whether the table allows a message to go from ``start`` to ``end``."""
    return end in TRANSITIONS[start]


def is_settled(state: State) -> bool:
    """Whether the gateway will do nothing more with the message by itself."""
    return state not in MOVING
