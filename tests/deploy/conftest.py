"""A command without the settings of the user who runs the tests."""

import os

import pytest


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AGENCY_GATEWAY_"):
            monkeypatch.delenv(name)
