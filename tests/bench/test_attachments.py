"""The measurement itself: what is said to have arrived did arrive."""

from pathlib import Path

from bench.attachments import BLOCK, MEBIBYTE, carried
from bench.catalogue import LONG


def test_the_gigabyte_is_one_of_the_long_cases() -> None:
    budgets = {budget.figure: budget.limit for budget in LONG["attachment_1gib"].budgets}
    assert budgets == {"growth_in_mib": 32, "growth_out_mib": 32}
    assert len(BLOCK) == MEBIBYTE


def test_an_attachment_is_taken_and_sent_on(tmp_path: Path) -> None:
    figures = carried(tmp_path, 3 * MEBIBYTE)
    assert figures["failures"] == {}
    assert figures["size_bytes"] == 3 * MEBIBYTE
    assert figures["mib_per_second_in"] > 0
