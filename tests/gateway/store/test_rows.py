from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.store.rows import micros, micros_or_none, moment, moment_or_none

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_come_back_to_the_microsecond(at: datetime) -> None:
    assert moment(micros(at)) == at
    assert moment_or_none(micros_or_none(at)) == at


def test_numbers_count_from_1970() -> None:
    assert micros(EPOCH + timedelta(seconds=1, microseconds=5)) == 1_000_005


def test_a_missing_time_stays_missing() -> None:
    assert micros_or_none(None) is None
    assert moment_or_none(None) is None
