"""The usual periods, and which states wait for a person."""

from datetime import timedelta

import pytest

from gateway.messaging.lifecycle import MOVING, State
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.periods import Retention
from gateway.messaging.retention import FINAL, RESTING, USUAL, retention_of


def test_every_state_moves_rests_or_is_final() -> None:
    assert {State.ANSWERED, State.EXPIRED, State.CANCELLED} == FINAL
    assert {State.DEAD, State.IN_DOUBT, State.INVALID, State.UNANSWERED} == RESTING
    assert set(State) == FINAL | RESTING | MOVING


@pytest.mark.parametrize("kind", OperationKind)
def test_the_usual_periods_contradict_nothing(kind: OperationKind) -> None:
    assert USUAL[kind].contradiction() is None


def test_the_usual_periods_are_those_of_the_design() -> None:
    day = timedelta(days=1)
    query, submission = USUAL[OperationKind.QUERY], USUAL[OperationKind.SUBMISSION]
    assert (query.key, query.payload) == (day, day)
    assert (submission.key, submission.payload) == (7 * day, 30 * day)
    assert {one.record for one in USUAL.values()} == {730 * day}
    assert USUAL[OperationKind.NOTIFICATION] == submission


def test_an_operation_may_have_periods_of_its_own() -> None:
    day = timedelta(days=1)
    own = Retention(key=day, payload=day, resting=day, record=day)
    operation = Operation(
        name="a/b", version=1, title="", title_de="", kind=OperationKind.QUERY, repeatable=True
    )
    assert retention_of(operation) == USUAL[OperationKind.QUERY]
    other = Operation(
        name="a/b",
        version=1,
        title="",
        title_de="",
        kind=OperationKind.QUERY,
        repeatable=True,
        retention=own,
    )
    assert retention_of(other) == own
