"""A reserve on the disk is left to what was accepted."""

import shutil
from pathlib import Path

import pytest

from gateway.errors import StoreUnavailableError
from gateway.store.room import LOOK_SECONDS, Room
from tests.gateway.flow.moments import Moments


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is free, in its last element; each look takes note."""
    found = [10]
    looks: list[Path] = []

    class Usage:
        def __init__(self, folder: Path) -> None:
            looks.append(folder)
            self.free = found[-1]

    monkeypatch.setattr(shutil, "disk_usage", Usage)
    return found


def test_less_than_the_reserve_takes_nothing_new(tmp_path: Path, free: list[int]) -> None:
    moments = Moments()
    kept = Room(tmp_path, 10, moments)
    kept.require()
    free.append(9)
    kept.require()  # not looked at again yet
    moments.pass_by(LOOK_SECONDS)
    with pytest.raises(StoreUnavailableError, match="reserve"):
        kept.require()
    free.append(10)
    moments.pass_by(LOOK_SECONDS)
    kept.require()


def test_a_folder_that_is_gone_is_not_called_full(tmp_path: Path) -> None:
    Room(tmp_path / "gone", 10).require()
