import math

import pytest

from bench.cases import Budget
from bench.pairs import Measured, Pair, added_latency, measure_pairs, spread, throughput


def half(
    per_second: float, *, p50: float = 1.0, failures: dict[str, int] | None = None
) -> Measured:
    return {
        "per_second": per_second,
        "p50_ms": p50,
        "p99_ms": 2 * p50,
        "failures": failures or {},
        "first_failure": "HTTP/1.1 502" if failures else "",
    }


def test_pairs_take_turns_in_going_first() -> None:
    order: list[str] = []

    def measured(name: str) -> Measured:
        order.append(name)
        return half(1)

    measure_pairs(lambda: measured("bare"), lambda: measured("gateway"), pairs=3)
    assert order == ["bare", "gateway", "gateway", "bare", "bare", "gateway"]


def test_ratio_is_the_median_of_the_ratios_within_pairs() -> None:
    pairs = [
        Pair(bare=half(bare), gateway=half(gateway))
        for bare, gateway in ((100, 50), (10, 1), (200, 40))
    ]
    figures = throughput(pairs)
    assert (figures["ratio_to_bare"], figures["ratio_to_bare_spread"]) == (0.2, [0.1, 0.5])


def test_added_latency_is_the_difference_within_pairs() -> None:
    figures = added_latency([Pair(bare=half(1, p50=1.5), gateway=half(1, p50=4.0))])
    assert (figures["added_p50_ms"], figures["added_p99_ms"]) == (2.5, 5.0)


def test_failures_of_both_halves_are_reported() -> None:
    figures = throughput([Pair(bare=half(1), gateway=half(1, failures={"502": 3}))])
    assert (figures["failures"], figures["first_failure"]) == ({"gateway 502": 3}, "HTTP/1.1 502")


@pytest.mark.parametrize(
    ("value", "at_least", "at_most"), [(5.0, True, True), (6.0, True, False), (4.0, False, True)]
)
def test_budget_is_met_on_its_limit(value: float, *, at_least: bool, at_most: bool) -> None:
    assert Budget(figure="x", limit=5).is_met({"x": value}) is at_least
    assert Budget(figure="x", limit=5, at_most=True).is_met({"x": value}) is at_most


def test_budget_is_not_met_by_a_figure_that_is_missing() -> None:
    assert not Budget(figure="x", limit=5).is_met({})
    assert not Budget(figure="x", limit=5, at_most=True).is_met({"x": None})


def test_what_nobody_measured_has_no_median() -> None:
    assert spread("x", [math.nan]) == {"x": None}
    assert spread("x", [math.nan, 2.0]) == {"x": 2.0, "x_spread": [2.0, 2.0]}
