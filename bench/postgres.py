"""The cases on PostgreSQL: a real server on this machine, whose writes wait for the disk."""

import contextlib
import os
from collections.abc import Iterator

from bench import processes
from bench.cases import WARM_UP, Bench, Budget, Case, Target, bursts, gateway, synchronous
from bench.inputs import Question
from bench.pairs import Measured, failures, measure_pairs, spread, with_cpu
from tests.postgres_server import running_server

CORES_FOR_TWO = 6
"""Two gateways, two load generators, backend and database share fewer, and take each other's."""


def sync_small_postgres(bench: Bench) -> Measured:
    """A person search of about 1 kB, answered by a real-sized message."""
    with running_server() as server:
        return with_cpu(synchronous(bench, "search-small", store=server.new_database()))


def accept_burst_postgres(bench: Bench) -> Measured:
    """Messages accepted a second while the authority answers nothing, then how fast they drain."""
    with running_server() as server:
        return bursts(bench, server.new_database)


def two_processes_postgres(bench: Bench) -> Measured:
    """Searches answered a second by two gateways on one database, against one of them."""
    question = bench.inputs.questions["search-small"]
    with running_server() as server, _two(bench, server.new_database()) as (one, other):
        pairs = measure_pairs(
            lambda: _together(bench, question, one),
            lambda: _together(bench, question, one, other),
            pairs=bench.pairs,
        )
    ratios = [pair.gateway["per_second"] / pair.bare["per_second"] for pair in pairs]
    return {
        **spread("ratio_to_one", ratios),
        **spread("per_second", [pair.gateway["per_second"] for pair in pairs]),
        **spread("one_per_second", [pair.bare["per_second"] for pair in pairs]),
        **failures(pairs),
        "cores": os.cpu_count(),
    }


@contextlib.contextmanager
def _two(bench: Bench, store: str) -> Iterator[tuple[Target, Target]]:
    with (
        processes.backend(bench.inputs.answer, bench.inputs.log("backend")) as backend,
        gateway(bench.inputs, backend, store=store) as one,
        gateway(bench.inputs, backend, name="gateway-2", store=store) as other,
    ):
        yield one, other


def _together(bench: Bench, question: Question, *targets: Target) -> Measured:
    """Load on each of the targets at the same time; answers of all of them a second."""
    arguments = ("--warm-up", str(WARM_UP), *question.arguments())
    with contextlib.ExitStack() as stack:
        loads = [
            stack.enter_context(
                processes.loading(["--url", target.url, *arguments], seconds=bench.seconds)
            )
            for target in targets
        ]
        reports = [processes.report(load, seconds=bench.seconds) for load in loads]
    return {
        "per_second": sum(report["per_second"] for report in reports),
        "failures": {k: v for report in reports for k, v in report["failures"].items()},
        "first_failure": next((r["first_failure"] for r in reports if r["first_failure"]), ""),
    }


_ENOUGH_CORES = (os.cpu_count() or 1) >= CORES_FOR_TWO

POSTGRES: dict[str, Case] = {
    "sync_small_postgres": Case(
        run=sync_small_postgres, budgets=(Budget(figure="ratio_to_bare", limit=0.15),)
    ),
    "accept_burst_postgres": Case(
        run=accept_burst_postgres, budgets=(Budget(figure="ratio_to_bare", limit=0.35),)
    ),
    "two_processes_postgres": Case(
        run=two_processes_postgres,
        budgets=(Budget(figure="ratio_to_one", limit=1.4),) if _ENOUGH_CORES else (),
    ),
}
"""The second gateway's budget holds where there are cores for it."""
