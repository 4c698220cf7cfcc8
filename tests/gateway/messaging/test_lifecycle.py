import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.messaging.lifecycle import MOVING, STARTS, TRANSITIONS, State, is_settled, may_move

FINAL = {State.ANSWERED, State.EXPIRED, State.CANCELLED}
states = st.sampled_from(State)


def reachable_from(start: State) -> set[State]:
    found: set[State] = set()
    ahead = {start}
    while ahead:
        found |= ahead
        ahead = {end for state in ahead for end in TRANSITIONS[state]} - found
    return found


def test_every_state_has_its_line_in_the_table() -> None:
    assert set(TRANSITIONS) == set(State)


def test_every_state_can_be_reached() -> None:
    assert set().union(*(reachable_from(start) for start in STARTS)) == set(State)


def test_a_message_starts_as_accepted_or_on_its_way() -> None:
    assert {State.ACCEPTED, State.DELIVERING} == STARTS


def test_only_final_states_have_no_way_out() -> None:
    assert {state for state, ends in TRANSITIONS.items() if not ends} == FINAL


@given(states)
def test_from_everywhere_a_final_state_can_be_reached(state: State) -> None:
    assert reachable_from(state) & FINAL


@given(states, states)
def test_moves_are_those_of_the_table(start: State, end: State) -> None:
    assert may_move(start, end) is (end in TRANSITIONS[start])


@given(states)
def test_no_move_leads_back_to_where_it_starts(state: State) -> None:
    assert not may_move(state, state)


@given(states)
def test_a_state_is_settled_when_the_gateway_does_not_leave_it(state: State) -> None:
    assert is_settled(state) is (state not in MOVING)


@pytest.mark.parametrize("state", sorted(set(State) - {State.ACCEPTED, State.RETRYING}))
def test_only_what_waits_for_a_delivery_is_delivered(state: State) -> None:
    assert not may_move(state, State.DELIVERING)


@pytest.mark.parametrize("state", sorted(set(State) - {State.ACCEPTED, State.RETRYING}))
def test_nothing_is_cancelled_that_may_have_reached_the_authority_last(state: State) -> None:
    assert not may_move(state, State.CANCELLED)
