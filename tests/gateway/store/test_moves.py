import pytest

from gateway.messaging.history import link
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult
from gateway.store.moves import cannot_take, leaves_line, may_take, row_after, unknown
from gateway.store.rows import PLAIN, Row, message_of, micros, new_message_row
from tests.gateway.store.samples import a_message, a_step, a_waiting_message, entry_of, later

WAITING = a_waiting_message()
HEAD = b"h" * 32


def row_of(state: State = State.DELIVERING) -> Row:
    message = WAITING if state is State.DELIVERING else a_message(state=state)
    return (7, *new_message_row(message, event_count=2, head_hash=HEAD), None, *PLAIN)


def test_a_step_starts_where_it_says_and_goes_where_the_life_cycle_does() -> None:
    assert may_take(row_of(), a_step(WAITING, State.ANSWERED))
    assert may_take(row_of(), a_step(WAITING, State.DELIVERING))  # stays
    assert not may_take(row_of(), a_step(WAITING, State.CANCELLED))
    elsewhere = a_step(WAITING, State.ANSWERED, start=frozenset({State.RETRYING}))
    assert not may_take(row_of(), elsewhere)


def test_a_step_ends_its_own_attempt_and_no_later_one() -> None:
    for attempt, may in ((None, True), (1, True), (2, False)):
        entry = entry_of(State.ANSWERED, attempt=attempt)
        step = a_step(WAITING, State.ANSWERED, entry=entry, ends_attempt=AttemptResult.ANSWERED)
        assert may_take(row_of(), step) is may


def test_the_errors_name_message_and_states() -> None:
    step = a_step(WAITING, State.CANCELLED)
    assert cannot_take(row_of(), step).detail == (
        f"Message {WAITING.id} is delivering and cannot become cancelled."
    )
    assert WAITING.id in unknown(step).detail


def test_a_message_that_gave_up_its_place_is_not_sent_again() -> None:
    replay = a_step(a_message(state=State.DEAD), State.ACCEPTED)
    dead = row_of(State.DEAD)
    for order, may in (
        (PLAIN, True),
        ((bytes(32), 7, None, None), True),
        ((bytes(32), None, None, None), False),
    ):
        row = (*dead[: -len(PLAIN)], *order)
        assert may_take(row, replay) is may
        assert ("gave up" in cannot_take(row, replay).detail) is not may


def test_a_line_is_left_by_who_is_finished_or_gives_up() -> None:
    leaving = {state for state in State if leaves_line(a_step(WAITING, state))}
    assert leaving == {State.ANSWERED, State.EXPIRED, State.CANCELLED}
    assert leaves_line(a_step(WAITING, State.DEAD, leaves_line=True))


def test_a_step_settles_plans_and_links_its_event_to_the_last() -> None:
    entry = entry_of(State.DEAD, code="authority-refused")
    step = a_step(WAITING, State.DEAD, entry=entry, ends_attempt=AttemptResult.REFUSED)
    after = row_after(row_of(), step)
    message = message_of(after)
    assert (message.state, message.code, message.settled_at) == (
        State.DEAD,
        "authority-refused",
        later(1),
    )
    assert after[22] == 3
    assert after[23] == link(WAITING.id, entry, number=3, previous=HEAD)
    assert after[0] == 7


def test_a_step_that_begins_an_attempt_counts_it() -> None:
    step = a_step(a_message(), State.DELIVERING, begins_attempt=True)
    assert row_after(row_of(State.ACCEPTED), step)[17] == 1


def test_a_step_that_stays_changes_the_history_alone() -> None:
    row = row_of()
    after = row_after(row, a_step(WAITING, State.DELIVERING, next_attempt_at=later(9)))
    assert after[:22] == list(row)[:22]
    assert after[14] is None
    assert after[15] == micros(later(30))


@pytest.mark.parametrize("seconds", [60, 1])
def test_a_new_deadline_takes_the_place_of_the_old_one(seconds: float) -> None:
    step = a_step(WAITING, State.RETRYING, deadline_at=later(seconds))
    assert row_after(row_of(), step)[15] == micros(later(seconds))
