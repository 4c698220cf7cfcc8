from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.messaging.channel import Channel, RetryPolicy
from gateway.messaging.windows import Window, Windows


def test_a_channel_takes_no_tests_unless_it_says_so() -> None:
    channel = Channel(name="a", adapter="xmeld", transport="http", address="http://127.0.0.1/")
    assert not channel.accepts_tests
    assert channel.retry == RetryPolicy()
    assert channel.codelist_versions == {}


def test_a_deadline_in_closed_hours_moves_to_the_end_of_the_next_window() -> None:
    office = Windows(
        zone=ZoneInfo("Europe/Berlin"),
        windows=(Window(opens=time(6), closes=time(20), days=frozenset(range(5))),),
    )
    plain = Channel(name="a", adapter="xmeld", transport="http", address="http://127.0.0.1/")
    limited = replace(plain, windows=office)
    friday, saturday, monday = (datetime(2026, 1, day, 18, 59, tzinfo=UTC) for day in (16, 17, 19))
    assert plain.reachable(saturday) == saturday
    assert limited.reachable(friday) == friday
    assert limited.reachable(saturday) == monday + timedelta(minutes=1)


def test_channels_do_not_share_their_code_lists() -> None:
    first, second = (
        Channel(name=name, adapter="xmeld", transport="http", address="http://127.0.0.1/")
        for name in ("a", "b")
    )
    assert first.codelist_versions is not second.codelist_versions
