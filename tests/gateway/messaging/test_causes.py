"""Which messages wait for somebody to act."""

from gateway.messaging.causes import RESTING
from gateway.messaging.lifecycle import MOVING, TRANSITIONS


def test_a_message_rests_where_only_somebody_else_can_move_it() -> None:
    assert {state for state, ends in TRANSITIONS.items() if ends and state not in MOVING} == RESTING
