"""From errors to problem documents."""

import pytest

from gateway.api.problems import (
    HTTP_ONLY,
    MOST_PLACES,
    STATUS,
    error_classes,
    problem_of,
    problem_of_message,
    status_of,
)
from gateway.errors import (
    ConfigurationError,
    HeaderInvalidError,
    NotSentError,
    OutcomeUnknownError,
    Place,
    SchemaViolationError,
)
from gateway.messaging.lifecycle import MOVING, State
from tests.gateway.api.conftest import message


def test_the_nearest_ancestor_decides() -> None:
    assert status_of(HeaderInvalidError) == 400
    assert status_of(OutcomeUnknownError) == 502
    assert status_of(ConfigurationError) == 500


def test_every_listed_class_has_an_error_status() -> None:
    assert all(400 <= status < 600 for status in STATUS.values())


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in error_classes()] + [problem.code for problem in HTTP_ONLY]
    assert len(codes) == len(set(codes))


def test_a_problem_lists_a_bounded_number_of_places() -> None:
    places = [Place(keyword="required", detail="Missing.")] * (MOST_PLACES + 5)
    document = problem_of(SchemaViolationError("Wrong.", places=places)).to_dict()
    assert len(document["errors"]) == MOST_PLACES
    assert document["errorsOmitted"] == 5


def test_members_without_a_value_are_left_out() -> None:
    document = problem_of(NotSentError("Not sent.")).to_dict()
    assert "errors" not in document
    assert "messageId" not in document


def test_a_cancelled_message_is_no_fault_of_the_backend() -> None:
    problem = problem_of_message(message(State.CANCELLED))
    assert (problem.status, problem.code) == (409, "message-cancelled")


@pytest.mark.parametrize("state", sorted(set(State) - MOVING - {State.ANSWERED, State.CANCELLED}))
def test_a_resting_message_is_never_the_callers_fault(state: State) -> None:
    problem = problem_of_message(message(state, code="schema-violation"))
    assert problem.status >= 502
    assert problem.message_id == message().id


def test_the_last_failure_is_named() -> None:
    problem = problem_of_message(message(State.EXPIRED, code="not-sent"))
    assert problem.code == "message-expired"
    assert "not-sent" in problem.detail
