"""The settings as a whole."""

import pytest
from pydantic import ValidationError

from gateway.settings.model import Settings


def test_parties_and_authorities_are_found_by_id() -> None:
    party = {"id": "ags:09162000", "directory": "DVDV", "name": "München"}
    settings = Settings.model_validate({"parties": [party], "authorities": [party]})
    assert settings.parties_by_id() == settings.authorities_by_id()


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.server.port = 1  # type: ignore[misc]
