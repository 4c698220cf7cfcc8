"""The form that every section has."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.settings.model import ServerSettings
from gateway.settings.section import Seconds


def test_a_section_cannot_be_changed() -> None:
    server = ServerSettings()
    with pytest.raises(ValidationError):
        server.port = 1  # type: ignore[misc]


def test_a_section_knows_no_strangers() -> None:
    with pytest.raises(ValidationError):
        ServerSettings.model_validate({"volts": 230})


def test_a_duration_is_a_number_of_seconds_or_an_iso_text_above_zero() -> None:
    seconds = TypeAdapter[timedelta](Seconds)
    assert seconds.validate_python(0.5) == timedelta(milliseconds=500)
    assert seconds.validate_python("0.5") == timedelta(milliseconds=500)
    assert seconds.validate_python("PT30S") == timedelta(seconds=30)
    with pytest.raises(ValidationError):
        seconds.validate_python(0)
