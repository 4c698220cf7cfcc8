"""Answers of a size that is asked for."""

from pathlib import Path
from types import MappingProxyType

import pytest

from bench.inputs import EXAMPLES, Inputs
from bench.sizes import answer_of


def _inputs(folder: Path) -> Inputs:
    return Inputs(
        folder=folder,
        questions=MappingProxyType({}),
        answer=folder,
        schemas=folder / "none",
        wire_schema="profile",
        settings=MappingProxyType({}),
    )


@pytest.mark.parametrize("size", [25_000, 100_000, 1_000_000])
def test_an_answer_holds_as_many_persons_as_it_takes(tmp_path: Path, size: int) -> None:
    answer = answer_of(_inputs(tmp_path), "test", size)
    assert answer.stat().st_size == pytest.approx(size, rel=0.3)


def test_the_smallest_answer_finds_nobody(tmp_path: Path) -> None:
    assert answer_of(_inputs(tmp_path), "test", 0) == EXAMPLES / "answer-no-hit.wire.xml"
