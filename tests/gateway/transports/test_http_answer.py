"""What is known of an answer while it arrives, and after it broke off."""

import pytest

from gateway.transports.http_answer import KEPT_BYTES, HttpAnswer


def with_head(*names: str, limit: int = 100) -> HttpAnswer:
    answer = HttpAnswer(limit)
    answer.has_head = True
    answer.headers = dict.fromkeys(names, "x")
    return answer


def test_what_came_can_be_read_at_any_time() -> None:
    answer = with_head()
    answer.add(b"ab")
    answer.add(b"c")
    assert (answer.whole(), answer.is_over) == (b"abc", False)


def test_more_than_is_taken_ends_it() -> None:
    answer = with_head(limit=3)
    answer.add(b"abc")
    assert not answer.is_over
    answer.add(b"d")
    assert (answer.is_over, answer.is_too_long, answer.is_complete) == (True, True, False)


def test_only_the_beginning_is_kept_of_what_is_no_answer() -> None:
    answer = with_head(limit=2 * KEPT_BYTES)
    answer.add(b"x" * (KEPT_BYTES + 1))
    assert len(answer.beginning()) == KEPT_BYTES


def test_close_of_the_connection_ends_an_answer_that_states_no_length() -> None:
    answer = with_head("content-type")
    answer.end()
    assert (answer.is_complete, answer.fault) == (True, None)


@pytest.mark.parametrize("name", ["content-length", "transfer-encoding"])
def test_close_of_the_connection_cuts_off_what_states_its_end(name: str) -> None:
    answer = with_head(name)
    answer.end()
    assert (answer.is_complete, answer.fault) == (False, "the answer ended too early")


def test_close_before_the_head_is_no_answer() -> None:
    answer = HttpAnswer(1)
    answer.end()
    assert answer.fault == "the server closed the connection"
