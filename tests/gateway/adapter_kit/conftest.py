"""Small maps of the kit itself."""

from pathlib import Path

import pytest

from gateway.adapter_kit.specimens import Specimen, specimens
from gateway.translation.map import Map


def specimen(name: str) -> Specimen:
    return next(found for found in specimens() if found.name == name)


@pytest.fixture
def values(tmp_path: Path) -> Map:
    """A map with a value of every type."""
    return specimen("values of every type").load(tmp_path)


@pytest.fixture
def drops(tmp_path: Path) -> Map:
    """A map that drops an attribute and an element."""
    return specimen("dropped attributes and elements").load(tmp_path)
