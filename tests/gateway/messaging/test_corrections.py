"""Which messages are known to have had no effect."""

from gateway.messaging.corrections import WITHOUT_EFFECT
from gateway.messaging.lifecycle import MOVING, State


def test_nothing_that_moves_or_may_have_arrived_is_without_effect() -> None:
    arrived = {State.ANSWERED, State.INVALID, State.IN_DOUBT, State.UNANSWERED}
    assert WITHOUT_EFFECT.isdisjoint(MOVING | arrived)
    assert WITHOUT_EFFECT | MOVING | arrived == set(State)
