"""Channels and routes, and the values they become."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

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


@pytest.mark.parametrize("address", ["http://user:secret@host/", "ftp://host/", "host"])
def test_an_address_carries_no_password_and_is_a_url(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ChannelSettings(name="c", adapter="xmeld", address=address)
    assert address not in str(caught.value)


def test_a_route_becomes_a_value() -> None:
    route = RouteSettings(operation="residents/search/v1", area="ags:09", channel="c").to_route()
    assert route.covers("residents/search/v1", "ags:09162000")
