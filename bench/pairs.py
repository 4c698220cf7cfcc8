"""Interleaved pairs: the yardstick and the gateway in turn, on one machine, in the same minute.

What slows the machine for a while slows both halves of a pair; the ratio is taken within the pair.
"""

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Measured = dict[str, Any]
Measurement = Callable[[], Measured]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Both halves of one pair, as the load generator reported them."""

    bare: Measured
    gateway: Measured


def measure_pairs(bare: Measurement, gateway: Measurement, *, pairs: int) -> list[Pair]:
    """Measure in turn; every other pair begins with the gateway, neither is always first."""
    measured = []
    for number in range(pairs):
        if number % 2:
            second = gateway()
            measured.append(Pair(bare=bare(), gateway=second))
        else:
            measured.append(Pair(bare=bare(), gateway=gateway()))
    return measured


def throughput(pairs: list[Pair]) -> Measured:
    """Medians and spread of answers a second, and of their ratio."""
    return {
        **spread("ratio_to_bare", [p.gateway["per_second"] / p.bare["per_second"] for p in pairs]),
        **spread("per_second", [pair.gateway["per_second"] for pair in pairs]),
        **spread("bare_per_second", [pair.bare["per_second"] for pair in pairs]),
        **spread("p50_ms", [pair.gateway["p50_ms"] for pair in pairs]),
        **spread("p99_ms", [pair.gateway["p99_ms"] for pair in pairs]),
        **failures(pairs),
    }


def with_cpu(pairs: list[Pair]) -> Measured:
    """Throughput, and the processor time for each answer in microseconds."""
    return {
        **throughput(pairs),
        **spread("cpu_ratio", [pair.bare["cpu_us"] / pair.gateway["cpu_us"] for pair in pairs]),
        **spread("cpu_us", [pair.gateway["cpu_us"] for pair in pairs]),
        **spread("bare_cpu_us", [pair.bare["cpu_us"] for pair in pairs]),
    }


def added_latency(pairs: list[Pair]) -> Measured:
    """Medians and spread of what the gateway adds to the yardstick's latency, in milliseconds."""
    figures: Measured = {}
    for name in ("p50_ms", "p99_ms"):
        added = [pair.gateway[name] - pair.bare[name] for pair in pairs]
        figures |= spread(f"added_{name}", added)
        figures |= spread(f"bare_{name}", [pair.bare[name] for pair in pairs])
    return {**figures, **failures(pairs)}


def failures(pairs: list[Pair]) -> Measured:
    """What went wrong in any half, with the start of the first unexpected answer."""
    found: dict[str, int] = {}
    first = ""
    for name, half in [
        (n, h) for p in pairs for n, h in (("bare", p.bare), ("gateway", p.gateway))
    ]:
        first = first or half["first_failure"]
        for kind, count in half["failures"].items():
            found[f"{name} {kind}"] = found.get(f"{name} {kind}", 0) + count
    return {"pairs": len(pairs), "failures": found, "first_failure": first}


def spread(name: str, values: list[float]) -> Measured:
    """Median of the values under a name, and their least and greatest beside it; None: no value."""
    measured = [value for value in values if math.isfinite(value)]
    if not measured:
        return {name: None}
    return {
        name: round(statistics.median(measured), 4),
        f"{name}_spread": [round(min(measured), 4), round(max(measured), 4)],
    }
