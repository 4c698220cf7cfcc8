"""Windows by the clock on the wall, on ordinary days and on the two on which it is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.messaging.windows import EVERY_DAY, Window, Windows

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
WORKDAYS = frozenset(range(5))


def clock(text: str) -> time:
    return time.fromisoformat(text)


def windows(*spans: str, days: frozenset[int] = EVERY_DAY) -> Windows:
    pairs = [span.split("-") for span in spans]
    return Windows(
        zone=BERLIN,
        windows=tuple(
            Window(opens=clock(opens), closes=clock(closes), days=days) for opens, closes in pairs
        ),
    )


def utc(day: date, text: str) -> datetime:
    return datetime.combine(day, clock(text), UTC)


OFFICE = windows("06:00-20:00")
NIGHT = windows("22:00-04:00", days=frozenset({4}))
MONDAY, FRIDAY, SATURDAY = date(2026, 1, 12), date(2026, 1, 16), date(2026, 1, 17)


def test_without_windows_it_is_always_open() -> None:
    always = windows()
    now = utc(MONDAY, "03:00")
    assert always.is_open(now)
    assert always.next_opening(now) == now
    assert always.end_of_next(now) == now


@pytest.mark.parametrize(
    ("at", "is_open"),
    [("04:59", False), ("05:00", True), ("18:59", True), ("19:00", False)],  # winter: UTC+1
)
def test_it_opens_at_its_first_minute_and_closes_before_its_last(at: str, *, is_open: bool) -> None:
    assert OFFICE.is_open(utc(MONDAY, at)) is is_open


def test_the_next_opening_is_now_or_later() -> None:
    assert OFFICE.next_opening(utc(MONDAY, "12:00")) == utc(MONDAY, "12:00")
    assert OFFICE.next_opening(utc(MONDAY, "03:00")) == utc(MONDAY, "05:00")
    assert OFFICE.next_opening(utc(FRIDAY, "19:00")) == utc(SATURDAY, "05:00")
    workdays = windows("06:00-20:00", days=WORKDAYS)
    assert workdays.next_opening(utc(FRIDAY, "19:00")) == utc(date(2026, 1, 19), "05:00")


def test_a_window_over_midnight_belongs_to_the_day_it_opens_on() -> None:
    assert not NIGHT.is_open(utc(FRIDAY, "20:59"))
    assert NIGHT.is_open(utc(FRIDAY, "21:00"))
    assert NIGHT.is_open(utc(SATURDAY, "02:59"))
    assert not NIGHT.is_open(utc(SATURDAY, "03:00"))
    assert not NIGHT.is_open(utc(SATURDAY, "21:00"))
    assert not NIGHT.is_open(utc(FRIDAY, "02:00"))


def test_a_window_may_last_until_midnight_or_all_day() -> None:
    assert windows("06:00-00:00").is_open(utc(MONDAY, "22:59"))
    assert not windows("06:00-00:00").is_open(utc(MONDAY, "23:00"))
    sunday = windows("00:00-00:00", days=frozenset({6}))
    assert not sunday.is_open(utc(SATURDAY, "22:59"))
    assert sunday.is_open(utc(SATURDAY, "23:00"))
    assert sunday.is_open(utc(date(2026, 1, 18), "22:59"))
    assert not sunday.is_open(utc(date(2026, 1, 18), "23:00"))


def test_the_end_is_that_of_the_window_which_is_open_or_opens_next() -> None:
    assert OFFICE.end_of_next(utc(MONDAY, "12:00")) == utc(MONDAY, "19:00")
    assert OFFICE.end_of_next(utc(MONDAY, "03:00")) == utc(MONDAY, "19:00")
    assert OFFICE.end_of_next(utc(FRIDAY, "19:00")) == utc(SATURDAY, "19:00")
    touching = windows("06:00-12:00", "12:00-20:00")
    assert touching.end_of_next(utc(MONDAY, "06:00")) == utc(MONDAY, "19:00")


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (SPRING - timedelta(days=1), "05:00", "19:00"),
        (SPRING, "04:00", "18:00"),
        (AUTUMN - timedelta(days=1), "04:00", "18:00"),
        (AUTUMN, "05:00", "19:00"),
    ],
)
def test_office_hours_stay_where_the_wall_shows_them(day: date, opens: str, closes: str) -> None:
    before = utc(day, "00:00")
    assert OFFICE.next_opening(before) == utc(day, opens)
    assert OFFICE.end_of_next(before) == utc(day, closes)
    for at, is_open in ((opens, True), (closes, False)):
        assert OFFICE.is_open(utc(day, at)) is is_open
        assert OFFICE.is_open(utc(day, at) - timedelta(minutes=1)) is not is_open


def test_in_spring_what_would_open_in_the_hour_left_out_opens_after_it() -> None:
    early = windows("02:30-05:00")
    before = utc(SPRING, "00:30")  # 01:30; at 02:00 the clock shows 03:00
    assert early.next_opening(before) == utc(SPRING, "01:00")
    assert not early.is_open(utc(SPRING, "00:59"))
    assert early.end_of_next(before) == utc(SPRING, "03:00")


def test_in_spring_what_would_close_in_the_hour_left_out_closes_before_it() -> None:
    late = windows("01:00-02:30")
    before = utc(SPRING, "00:30")
    assert late.is_open(before)
    assert late.end_of_next(before) == utc(SPRING, "01:00")


def test_in_spring_a_window_that_lies_in_the_hour_left_out_opens_the_next_day() -> None:
    lost = windows("02:10-02:50")
    assert lost.next_opening(utc(SPRING, "00:30")) == utc(date(2026, 3, 30), "00:10")
    only_sundays = windows("02:10-02:50", days=frozenset({6}))
    assert only_sundays.next_opening(utc(SPRING, "00:30")) == utc(date(2026, 4, 5), "00:10")


def test_in_autumn_the_hour_shown_twice_is_open_twice() -> None:
    short = windows("02:15-02:45")
    spans = [("00:15", True), ("00:45", False), ("01:15", True), ("01:45", False)]
    for at, is_open in spans:
        assert short.is_open(utc(AUTUMN, at)) is is_open
    assert short.next_opening(utc(AUTUMN, "00:45")) == utc(AUTUMN, "01:15")
    assert short.end_of_next(utc(AUTUMN, "00:15")) == utc(AUTUMN, "00:45")


minutes = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
spans = st.builds(
    Window, opens=minutes, closes=minutes, days=st.frozensets(st.integers(0, 6), min_size=1)
)
moments = st.integers(0, 60 * 24 * 365).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


@given(st.lists(spans, min_size=1, max_size=3), moments)
def test_between_now_and_the_next_opening_it_is_closed(some: list[Window], now: datetime) -> None:
    chosen = Windows(zone=BERLIN, windows=tuple(some))
    opening = chosen.next_opening(now)
    assert chosen.is_open(opening)
    steps = min((opening - now) // timedelta(minutes=1), 2_000)
    for step in range(1, steps + 1):
        assert not chosen.is_open(opening - timedelta(minutes=step))
