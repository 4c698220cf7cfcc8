"""Periods: none longer than the next one, and how they are written."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.messaging.periods import Retention, in_iso, in_words

DAY = timedelta(days=1)
PERIODS = Retention(key=DAY, payload=2 * DAY, resting=3 * DAY, record=4 * DAY)


def test_periods_that_grow_contradict_nothing() -> None:
    assert PERIODS.contradiction() is None
    assert Retention(key=DAY, payload=DAY, resting=DAY, record=DAY).contradiction() is None


@pytest.mark.parametrize(
    ("name", "period", "named"),
    [
        ("key", 2.5 * DAY, "`key` is longer than `payload`"),
        ("payload", 3.5 * DAY, "`payload` is longer than `resting`"),
        ("resting", 4.5 * DAY, "`resting` is longer than `record`"),
        ("key", -DAY, "below zero"),
    ],
)
def test_a_contradiction_names_both(name: str, period: timedelta, named: str) -> None:
    found = replace(PERIODS, **{name: period}).contradiction()
    assert found is not None
    assert named in found


@pytest.mark.parametrize(
    ("period", "words", "iso"),
    [
        (timedelta(), "0 s", "P0D"),
        (timedelta(seconds=90), "90 s", "PT90S"),
        (timedelta(hours=1), "1 h", "PT3600S"),
        (timedelta(hours=2), "2 h", "PT7200S"),
        (DAY, "24 h", "P1D"),
        (30 * DAY, "30 d", "P30D"),
        (DAY + timedelta(hours=1), "25 h", "PT90000S"),
    ],
)
def test_a_period_is_written_for_people_and_machines(
    period: timedelta, words: str, iso: str
) -> None:
    assert (in_words(period), in_iso(period)) == (words, iso)
