"""Small searches beside large documents: what is sent, and what is made of the figures."""

import json
from typing import Any

import pytest

from bench.beside import compared
from bench.large import documents
from bench.pairs import Pair


def half(p99: float, **more: Any) -> dict[str, Any]:
    return {"p50_ms": 1.0, "p99_ms": p99, "failures": {}, "first_failure": "", **more}


def pair(alone: float, together: float, **large: Any) -> Pair:
    beside = half(together, large_per_second=0.5, large={**half(1000.0), **large})
    return Pair(bare=half(alone), gateway=beside)


def test_the_ratio_is_the_median_of_the_ratios_within_pairs() -> None:
    figures = compared([pair(10, 15), pair(1, 9), pair(20, 20)])
    assert (figures["p99_ratio"], figures["p99_ratio_spread"]) == (1.5, [1.0, 9.0])
    assert figures["failures"] == {}


def test_a_large_document_that_fails_is_a_failure_of_the_case() -> None:
    figures = compared([pair(10, 10, failures={"502": 3}, first_failure="HTTP/1.1 502")])
    assert sum(figures["failures"].values()) == 3
    assert figures["first_failure"] == "HTTP/1.1 502"


@pytest.mark.parametrize("size", [1_000, 1_000_000])
def test_documents_have_the_size_that_is_asked_for(size: int) -> None:
    body = documents.request(size)
    assert size * 0.4 < len(body) <= size * 1.05
    assert len(documents.answer(size)) > len(body)
    assert json.loads(body)["entries"] == documents.entries(size)
