"""The maker of small maps."""

from pathlib import Path

import pytest

from tests.gateway.translation.making import Maker


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    return Maker(tmp_path)
