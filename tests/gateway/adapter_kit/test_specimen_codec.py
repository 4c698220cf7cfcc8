"""The class that a specimen brings."""

import pytest

from gateway.adapter_kit.specimen_codec import DayFirst, Reading
from gateway.translation.values import ValueBreachError


@pytest.mark.parametrize("day", ["2025-01-31", "0001-12-01", "9999-12-31"])
def test_a_day_comes_back_as_it_was(day: str) -> None:
    codec = DayFirst()
    assert codec.decode(codec.encode(day)) == day
    assert len(codec.encode(day)) == len("31012025")


@pytest.mark.parametrize("text", ["30022020", "1012020", "geheim", ""])
def test_no_day_is_refused_by_length(text: str) -> None:
    with pytest.raises(ValueBreachError, match=f"found {len(text)} characters"):
        DayFirst().decode(text)


def test_the_half_codec_has_no_way_back() -> None:
    assert not hasattr(Reading(), "encode")
    assert Reading().decode("x") == "x"
