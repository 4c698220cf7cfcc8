"""Which states let others of a key go on."""

from gateway.messaging.lifecycle import MOVING, TRANSITIONS, State
from gateway.messaging.order import FREE, GIVEN_UP_FROM


def test_a_message_is_free_when_it_can_go_nowhere_any_more() -> None:
    assert {state for state in State if not TRANSITIONS[state]} == FREE


def test_every_state_moves_by_itself_or_is_free_or_waits_for_a_decision() -> None:
    assert set(State) == MOVING | FREE | GIVEN_UP_FROM
    assert len(MOVING) + len(FREE) + len(GIVEN_UP_FROM) == len(State)
