"""Where an incoming number belongs, on a ring of any size."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.messaging.sequence import (
    NumberRange,
    Position,
    SeenNumber,
    SequenceField,
    place_number,
)

FIELD = SequenceField(name="file", pointer="/file", first=1, last=100)


def placed(number: int, newest: int | None, round_: int = 3) -> tuple[int, bool, list[int]]:
    """Round, whether it is the newest, and what it leaves out."""
    at = None if newest is None else Position(round=round_, number=newest)
    judged = place_number(SeenNumber(field=FIELD, number=number), at)
    missing = [n for one in judged.missing for n in range(one.first, one.last + 1)]
    assert judged.at.number == number
    return judged.at.round, judged.newest, missing


def test_the_first_number_may_be_any() -> None:
    assert placed(42, None) == (0, True, [])


def test_the_next_number_leaves_nothing_out() -> None:
    assert placed(43, 42) == (3, True, [])
    assert placed(1, 100) == (4, True, [])


def test_a_number_ahead_leaves_out_those_between() -> None:
    assert placed(45, 42) == (3, True, [43, 44])
    assert placed(2, 99) == (4, True, [100, 1])
    assert placed(3, 100) == (4, True, [1, 2])


def test_the_same_number_and_those_before_are_not_new() -> None:
    assert placed(42, 42) == (3, False, [])
    assert placed(41, 42) == (3, False, [])
    assert placed(99, 2) == (2, False, [])


def test_half_a_ring_ahead_is_new_and_the_rest_came_before() -> None:
    assert placed(92, 42)[1]
    assert not placed(93, 42)[1]


def test_a_range_knows_how_many_it_holds() -> None:
    assert NumberRange(round=0, first=3, last=5).count == 3


@given(
    first=st.integers(-5, 5),
    size=st.integers(2, 50),
    start=st.integers(0, 200),
    step=st.integers(1, 25),
)
def test_positions_count_through_all_rounds(first: int, size: int, start: int, step: int) -> None:
    field = SequenceField(name="x", pointer="/x", first=first, last=first + size - 1)
    step = min(step, size // 2)

    def at(index: int) -> Position:
        return Position(round=index // size, number=first + index % size)

    ahead = place_number(SeenNumber(field=field, number=at(start + step).number), at(start))
    assert (ahead.at, ahead.newest) == (at(start + step), True)
    assert sum(one.count for one in ahead.missing) == step - 1
    between = [
        Position(round=one.round, number=number)
        for one in ahead.missing
        for number in range(one.first, one.last + 1)
    ]
    assert between == [at(index) for index in range(start + 1, start + step)]
    back = place_number(SeenNumber(field=field, number=at(start).number), at(start))
    assert (back.at, back.newest, back.missing) == (at(start), False, ())
