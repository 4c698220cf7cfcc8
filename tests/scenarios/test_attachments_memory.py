"""Memory while an attachment comes in and goes out: a small edition of the bench's gigabyte."""

from pathlib import Path

import pytest

from bench.attachments import MEBIBYTE, carried

MOST_MIB = 32
SIZE_BYTES = 128 * MEBIBYTE


@pytest.mark.slow
def test_memory_does_not_grow_with_the_content(tmp_path: Path) -> None:
    figures = carried(tmp_path, SIZE_BYTES)
    assert figures["failures"] == {}
    assert figures["growth_in_mib"] <= MOST_MIB
    assert figures["growth_out_mib"] <= MOST_MIB
