"""Making faulty settings whole enough to look on."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings.model import Settings
from gateway.settings.repair import STANDINS, is_within, repair
from gateway.settings.section import Section


def test_what_is_wrong_goes_and_what_is_required_gets_a_stand_in() -> None:
    data: dict[str, Any] = {
        "channels": [{"name": "a", "adress": "x"}, 7],
        "server": {"port": "x"},
        "adapters": {"paths": [1]},
        "logs": 1,
    }
    for first in (1, 100):
        with pytest.raises(ValidationError) as caught:
            Settings.model_validate(data)
        data = repair(data, caught.value.errors(), first=first)
    settings = Settings.model_validate(data)
    assert settings.channels[0].name == "a"
    assert len({channel.name for channel in settings.channels}) == 2
    assert settings.server.port == 8080


def test_the_data_given_stay_as_they_are() -> None:
    data = {"server": {"port": "x"}}
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(data)
    repair(data, caught.value.errors(), first=1)
    assert data == {"server": {"port": "x"}}


def test_every_required_setting_has_a_stand_in() -> None:
    required = {
        name
        for section in Section.__subclasses__()
        for name, field in section.model_fields.items()
        if field.is_required()
    }
    assert required <= set(STANDINS)


def test_a_place_lies_within_its_table_and_not_within_its_neighbour() -> None:
    assert is_within("channels[1].name", "channels[1]")
    assert is_within("channels[1]", "channels[1]")
    assert not is_within("channels[10].name", "channels[1]")
