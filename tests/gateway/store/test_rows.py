from datetime import UTC, datetime, timedelta

import apsw
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.rows import (
    DEADLINE_AT,
    NEXT_ATTEMPT_AT,
    NUMBER,
    ORDER_KEY,
    PLACE,
    STATE,
    TIME_TO_DELIVER,
    micros,
    micros_or_none,
    moment,
    moment_or_none,
)
from gateway.store.schema import load_migrations, migrate

COLUMNS = {
    "number": NUMBER,
    "state": STATE,
    "deadline_at": DEADLINE_AT,
    "next_attempt_at": NEXT_ATTEMPT_AT,
    "order_key": ORDER_KEY,
    "place": PLACE,
    "time_to_deliver": TIME_TO_DELIVER,
}
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


def test_columns_are_where_a_move_looks_for_them() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, load_migrations())
    places = {row[1]: row[0] for row in connection.execute("PRAGMA table_info(messages)")}
    assert {name: places[name] for name in COLUMNS} == COLUMNS
    connection.close()
