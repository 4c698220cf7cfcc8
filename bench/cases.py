"""The budget cases: what each measures, and what it must reach."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from typing_extensions import override

from bench import beside, processes
from bench.inputs import PATH, Inputs, Question, write_configuration
from bench.pairs import Measured, Pair, added_latency, measure_pairs, spread, throughput, with_cpu
from bench.roundtrip import measure_roundtrip

PROGRAM = Path(sys.executable).with_name("agency-gateway")
READY = "/health/ready"
STEADY_RATE = 200
MODEST_RATE = 50
BESIDE_SECONDS = 5.0
"""Longest half of a pair: each lets a few large documents pass, and 250 searches."""

START_UPS = 3
WARM_UP = 1.0
DRAIN_LIMIT = 120.0
DRAIN_PAUSE = 0.5
MICROSECONDS = 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """One call of the bench: inputs on disk, and how long and how often to measure."""

    inputs: Inputs
    seconds: float
    pairs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """A limit of one figure; at least or at most."""

    figure: str
    limit: float
    at_most: bool = False

    def is_met(self, figures: Measured) -> bool:
        """Whether the figure is there and inside the limit."""
        value = figures.get(self.figure)
        if value is None:
            return False
        return bool(value <= self.limit if self.at_most else value >= self.limit)

    @override
    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One case: how it is measured and its budgets."""

    run: Callable[[Bench], Measured]
    budgets: tuple[Budget, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What load is put on: its address, its process, and the backend it leads to."""

    url: str
    started: processes.Started
    backend: str

    def load(self, bench: Bench, question: Question, *extra: str) -> Measured:
        """Put load on it; adds the processor time that each answer took it.

        That figure stays steady while others use the machine, so it shows what a change brought
        where throughput does not.
        """
        arguments = ["--url", self.url, "--warm-up", str(WARM_UP), *question.arguments(), *extra]
        used, answered = self.started.cpu_seconds(), _answered(self.backend)
        measured = processes.load(arguments, seconds=bench.seconds)
        answered = max(1, _answered(self.backend) - answered)
        used = self.started.cpu_seconds() - used
        return {**measured, "cpu_us": used / answered * MICROSECONDS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A backend's address, and the yardstick and the gateway in front of it."""

    backend: str
    bare: Target
    gateway: Target


@contextlib.contextmanager
def gateway(
    inputs: Inputs, backend: str, *, name: str = "gateway", store: str | None = None
) -> Iterator[Target]:
    """Run the gateway with an empty store; ``store``: URL of its database, None: a file."""
    port = processes.free_port()
    url = f"http://127.0.0.1:{port}"
    configuration = write_configuration(inputs, name=name, port=port, backend=backend, store=store)
    command = [str(PROGRAM), "serve", "--config", str(configuration)]
    with processes.running(command, ready=url + READY, log=inputs.log(name)) as started:
        yield Target(url=url + PATH, started=started, backend=backend)


@contextlib.contextmanager
def yardstick(inputs: Inputs, backend: str) -> Iterator[Target]:
    """Run the bare proxy."""
    with processes.bare(backend, inputs.log("bare")) as (url, started):
        yield Target(url=url, started=started, backend=backend)


@contextlib.contextmanager
def everything(inputs: Inputs, *, store: str | None = None) -> Iterator[Running]:
    """Run backend, yardstick and gateway."""
    with (
        processes.backend(inputs.answer, inputs.log("backend")) as backend,
        yardstick(inputs, backend) as bare,
        gateway(inputs, backend, store=store) as target,
    ):
        yield Running(backend=backend, bare=bare, gateway=target)


def synchronous(bench: Bench, example: str, *extra: str, store: str | None = None) -> list[Pair]:
    """Pairs of calls that wait for their answer."""
    question = bench.inputs.questions[example]
    with everything(bench.inputs, store=store) as running:
        return measure_pairs(
            lambda: running.bare.load(bench, question, *extra),
            lambda: running.gateway.load(bench, question, *extra),
            pairs=bench.pairs,
        )


def sync_small(bench: Bench) -> Measured:
    """A person search of about 1 kB, answered by a real-sized message."""
    return with_cpu(synchronous(bench, "search-small"))


def sync_full(bench: Bench) -> Measured:
    """A person search that fills every field."""
    return with_cpu(synchronous(bench, "search-full"))


def latency_200(bench: Bench) -> Measured:
    """What the gateway adds at 200 requests a second."""
    return added_latency(synchronous(bench, "search-small", "--rate", str(STEADY_RATE)))


def async_steady(bench: Bench) -> Measured:
    """Messages delivered and answered a second while as many as go are accepted."""
    question = bench.inputs.questions["search-small"]
    with everything(bench.inputs) as running:
        pairs = measure_pairs(
            lambda: running.bare.load(bench, question),
            lambda: _accept_and_count(bench, running, question),
            pairs=bench.pairs,
        )
    accepted = [pair.gateway["accepted_per_second"] for pair in pairs]
    return {**throughput(pairs), **spread("accepted_per_second", accepted)}


def accept_burst(bench: Bench) -> Measured:
    """Messages accepted a second while the authority answers nothing, then how fast they drain."""
    return bursts(bench, lambda: None)


def bursts(bench: Bench, new_store: Callable[[], str | None]) -> Measured:
    """Bursts into empty stores, against the yardstick.

    The pump rests because its channel is full of messages that the backend holds back.

    Args:
        bench: The call.
        new_store: Makes an empty database and tells its URL; None: a file.
    """
    question = bench.inputs.questions["search-small"]
    with (
        processes.backend(bench.inputs.answer, bench.inputs.log("backend")) as backend,
        yardstick(bench.inputs, backend) as bare,
    ):
        pairs = measure_pairs(
            lambda: bare.load(bench, question),
            lambda: _burst(bench, backend, question, new_store()),
            pairs=bench.pairs,
        )
    drained = [pair.gateway["drained_per_second"] for pair in pairs]
    return {**throughput(pairs), **spread("drained_per_second", drained)}


def _burst(bench: Bench, backend: str, question: Question, store: str | None) -> Measured:
    """One burst into an empty store; the rest of the backlog is left to the end of the process."""
    asynchronous = ("--expect", "202", "--header", "Prefer: respond-async")
    with gateway(bench.inputs, backend, store=store) as target:
        processes.fetch(backend + "hold")
        accepted = target.load(bench, question, *asynchronous)
        began, before = time.perf_counter(), int(processes.fetch(backend + "release")[1])
        time.sleep(bench.seconds / 2)
        drained = _answered(backend) - before
        return {**accepted, "drained_per_second": drained / (time.perf_counter() - began)}


def _accept_and_count(bench: Bench, running: Running, question: Question) -> Measured:
    """Count at the backend: every message it has answered was accepted, translated and sent."""
    arguments = [
        *("--url", running.gateway.url, "--expect", "202", "--warm-up", str(WARM_UP)),
        *("--header", "Prefer: respond-async", *question.arguments()),
    ]
    with processes.loading(arguments, seconds=bench.seconds) as process:
        time.sleep(WARM_UP)
        before, began = _answered(running.backend), time.perf_counter()
        time.sleep(bench.seconds)
        after, ended = _answered(running.backend), time.perf_counter()
        accepted = processes.report(process, seconds=bench.seconds)
    _drain(running.backend)
    return {
        **accepted,
        "per_second": (after - before) / (ended - began),
        "accepted_per_second": accepted["per_second"],
    }


def _answered(backend: str) -> int:
    return int(processes.fetch(backend)[1])


def _drain(backend: str) -> None:
    """Wait until nothing more arrives, so that the next half of a pair has the machine alone."""
    limit = time.monotonic() + DRAIN_LIMIT
    last = -1
    while (now := _answered(backend)) != last and time.monotonic() < limit:
        last = now
        time.sleep(DRAIN_PAUSE)


def ready(bench: Bench) -> Measured:
    """Seconds from the start of the process until it takes messages."""
    with processes.backend(bench.inputs.answer, bench.inputs.log("backend")) as backend:
        seconds = []
        for _ in range(START_UPS):
            with gateway(bench.inputs, backend, name="ready") as target:
                seconds.append(target.started.seconds)
    return spread("seconds", seconds)


def map_roundtrip(bench: Bench) -> Measured:
    """Reading and writing one answer through its map, against lxml's parse and print of it."""
    return measure_roundtrip(bench.inputs, seconds=bench.seconds)


def large_beside_small(bench: Bench) -> Measured:
    """Latency of searches of 5 kB while documents of 10 MB pass, against the same without them."""
    question = bench.inputs.questions["search-full"]
    paced = ("--rate", str(MODEST_RATE))
    bench = replace(bench, seconds=min(bench.seconds, BESIDE_SECONDS))
    with beside.gateway(bench.inputs) as running:
        target = Target(url=running.url + PATH, started=running.started, backend=running.backend)

        def alone() -> Measured:
            return target.load(bench, question, *paced)

        def together() -> Measured:
            with beside.large_documents(running, seconds=bench.seconds + WARM_UP) as large:
                small = target.load(bench, question, *paced)
            return {**small, "large_per_second": large["per_second"], "large": large}

        return beside.compared(measure_pairs(alone, together, pairs=bench.pairs))


CASES: dict[str, Case] = {
    "sync_small": Case(run=sync_small, budgets=(Budget(figure="ratio_to_bare", limit=0.25),)),
    "sync_full": Case(run=sync_full, budgets=(Budget(figure="ratio_to_bare", limit=0.12),)),
    "accept_burst": Case(run=accept_burst, budgets=(Budget(figure="ratio_to_bare", limit=0.60),)),
    "async_steady": Case(run=async_steady, budgets=(Budget(figure="ratio_to_bare", limit=0.20),)),
    "latency_200": Case(
        run=latency_200,
        budgets=(
            Budget(figure="added_p50_ms", limit=4, at_most=True),
            Budget(figure="added_p99_ms", limit=20, at_most=True),
        ),
    ),
    "map_roundtrip_1331": Case(
        run=map_roundtrip, budgets=(Budget(figure="ratio_to_lxml", limit=6, at_most=True),)
    ),
    "large_beside_small": Case(
        run=large_beside_small, budgets=(Budget(figure="p99_ratio", limit=2, at_most=True),)
    ),
    "ready": Case(run=ready, budgets=(Budget(figure="seconds", limit=3, at_most=True),)),
}
