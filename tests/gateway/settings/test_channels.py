"""Channels and routes, and the values they become."""

from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from gateway.messaging.breaker import BreakerPolicy
from gateway.messaging.rate import Rate
from gateway.messaging.windows import Window, Windows
from gateway.settings.channels import ChannelSettings, RouteSettings


def test_a_channel_keeps_all_its_limits() -> None:
    channel = ChannelSettings.model_validate(
        {
            "name": "bayern",
            "adapter": "xmeld",
            "address": "http://127.0.0.1:8090/residents",
            "timeout": 5,
            "retry": {"first_wait": 0.25, "max_attempts": 3},
        }
    ).to_channel()
    assert channel.timeout == timedelta(seconds=5)
    assert channel.retry.first_wait == timedelta(milliseconds=250)
    assert channel.retry.max_attempts == 3


def test_what_is_not_set_holds_up_nobody() -> None:
    channel = ChannelSettings(name="c", adapter="xmeld", address="http://host/").to_channel()
    assert (channel.rate, channel.windows, channel.breaker) == (None, None, BreakerPolicy())


def test_rate_breaker_and_windows_become_values() -> None:
    channel = ChannelSettings.model_validate(
        {
            "name": "bayern",
            "adapter": "xmeld",
            "address": "http://127.0.0.1:8090/residents",
            "rate": 2.5,
            "breaker": {"failures": 3, "open_time": 1, "release_rate": 4},
            "time_zone": "Europe/Vienna",
            "windows": [
                {"opens": "06:00", "closes": "20:00", "days": ["mon", "fri"]},
                {"opens": "22:00", "closes": "00:00"},
            ],
        }
    ).to_channel()
    assert channel.rate == Rate(per_second=2.5, burst=3)
    assert channel.breaker == BreakerPolicy(
        failures=3, open_time=timedelta(seconds=1), release_rate=4
    )
    assert channel.windows == Windows(
        zone=ZoneInfo("Europe/Vienna"),
        windows=(
            Window(opens=time(6), closes=time(20), days=frozenset({0, 4})),
            Window(opens=time(22), closes=time(0)),
        ),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 0},
        {"rate": "nan"},
        {"burst": 0},
        {"breaker": {"failures": -1}},
        {"breaker": {"open_time": 0}},
        {"windows": [{"opens": "6:00", "closes": "20:00"}]},
        {"windows": [{"opens": "06:00", "closes": "24:00"}]},
        {"windows": [{"opens": "06:00", "closes": "20:00", "days": []}]},
        {"windows": [{"opens": "06:00", "closes": "20:00", "days": ["Montag"]}]},
    ],
)
def test_limits_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    plain = {"name": "c", "adapter": "xmeld", "address": "http://host/"}
    with pytest.raises(ValidationError):
        ChannelSettings.model_validate(plain | change)


@pytest.mark.parametrize("address", ["http://user:secret@host/", "ftp://host/", "host"])
def test_an_address_carries_no_password_and_is_a_url(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ChannelSettings(name="c", adapter="xmeld", address=address)
    assert address not in str(caught.value)


def test_a_route_becomes_a_value() -> None:
    route = RouteSettings(operation="residents/search/v1", area="ags:09", channel="c").to_route()
    assert route.covers("residents/search/v1", "ags:09162000")
