import os
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.store.lock import StoreLock


def test_a_second_lock_names_the_holder_and_what_to_do(tmp_path: Path) -> None:
    first, second = (StoreLock(tmp_path / "a.lock") for _ in range(2))
    first.take()
    with pytest.raises(ConfigurationError, match=f"process {os.getpid()}.*Stop that gateway"):
        second.take()
    first.give_back()
    second.take()
    second.give_back()
    second.give_back()


def test_a_holder_that_left_no_number_is_unknown(tmp_path: Path) -> None:
    first, second = (StoreLock(tmp_path / "a.lock") for _ in range(2))
    first.take()
    (tmp_path / "a.lock").write_text("")
    with pytest.raises(ConfigurationError, match="process unknown"):
        second.take()
    first.give_back()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Create its folder"):
        StoreLock(tmp_path / "missing" / "a.lock").take()
