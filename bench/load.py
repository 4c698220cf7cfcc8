"""The load generator: prepared HTTP/1.1 bytes over kept connections, as cheap as Python can be.

Two ways: closed (each connection sends the next request when its answer is there; measures
throughput) and paced (a fixed number of requests a second whatever the answers do; measures
latency, waiting for a free connection included). A mix sends several kinds of requests, each as
often as its share says. Prints one JSON object.
"""

import argparse
import asyncio
import json
import math
import random
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop
from typing_extensions import override

from bench.backend import HEAD_END, Gathering

STATUS = slice(9, 12)
"""Where the status stands in ``HTTP/1.1 200 OK``."""

SETTLE = 0.1
"""Seconds after the end before connections are closed, so that none counts as lost."""

SHOWN = 400
"""Length of the piece of the first unexpected answer that is shown."""


SEED = 2
"""Of the order in which the kinds of a mix are sent: the same in every run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of request: its name in the figures, and its head and body."""

    name: str
    request: bytes


@dataclass(kw_only=True, slots=True)
class Run:
    """One measurement: what is sent, what is expected, what came back.

    Attributes:
        kinds: The kind of every request, in the order they are sent, without end.
        expected: Status that counts as a success.
        counts_from: ``time.perf_counter`` when counting begins; before it is warm-up.
        ends: When it ends.
        latencies: Seconds of every success that was counted, by kind.
        failures: Other statuses and lost connections, warm-up included.
        first_failure: Start of the first unexpected answer.
    """

    kinds: Iterator[Kind]
    expected: bytes
    counts_from: float
    ends: float
    latencies: dict[str, list[float]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    first_failure: str = ""

    def record(self, kind: Kind, answer: bytes, started: float) -> bool:
        """Count one answer; whether the run goes on."""
        now = time.perf_counter()
        if answer[STATUS] != self.expected:
            self.failures[answer[STATUS].decode(errors="replace")] += 1
            self.first_failure = self.first_failure or answer[:SHOWN].decode(errors="replace")
        elif self.counts_from <= now < self.ends:
            self.latencies.setdefault(kind.name, []).append(now - started)
        return now < self.ends


class Connection(asyncio.Protocol):
    """One kept connection with at most one request on its way."""

    def __init__(self, run: Run, free: "deque[Connection] | None") -> None:
        self._run = run
        self._free = free
        self._gathering = Gathering()
        self._started = 0.0
        self._kind = Kind(name="", request=b"")
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's, so this cannot be asked with isinstance.
        self._transport = cast("asyncio.Transport", transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if time.perf_counter() < self._run.ends:
            self._run.failures["connection lost"] += 1

    def send(self, started: float | None = None) -> None:
        """Send the next request; ``started`` is when it was due, now if None."""
        self._started = time.perf_counter() if started is None else started
        self._kind = next(self._run.kinds)
        if self._transport is not None:
            self._transport.write(self._kind.request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    @override
    def data_received(self, data: bytes) -> None:
        answer = self._gathering.add(data)
        if answer is None:
            return
        goes_on = self._run.record(self._kind, answer, self._started)
        if self._free is not None:
            self._free.append(self)
        elif goes_on:
            self.send()


def prepare(url: str, body: bytes, headers: Sequence[str]) -> bytes:
    """Print one POST with its head; headers as ``Name: value``."""
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path or '/'} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + HEAD_END + body


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the sorted values do not exceed; nan if there is none."""
    if not values:
        return math.nan
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


async def measure(run: Run, url: str, *, connections: int, rate: float | None) -> None:
    """Carry the run out to its end."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    free: deque[Connection] | None = deque() if rate else None
    opened = [
        (
            await loop.create_connection(
                lambda: Connection(run, free), parts.hostname or "127.0.0.1", parts.port or 80
            )
        )[1]
        for _ in range(connections)
    ]
    if free is not None and rate:
        free.extend(opened)
        await _pace(run, free, rate)
    else:
        for connection in opened:
            connection.send()
    await asyncio.sleep(run.ends - time.perf_counter() + SETTLE)
    for connection in opened:
        connection.close()
    await asyncio.sleep(0)


async def _pace(run: Run, free: deque[Connection], rate: float) -> None:
    """Send at a fixed rate; what finds no free connection waits, and its wait counts."""
    waiting: deque[float] = deque()
    due = time.perf_counter()
    while due < run.ends:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        waiting.append(time.perf_counter())
        while waiting and free:
            free.popleft().send(waiting.popleft())
        due += 1 / rate
    if waiting:
        run.failures["found no free connection"] += len(waiting)


def summary(run: Run, seconds: float) -> dict[str, Any]:
    """Throughput in answers a second, latencies in milliseconds, and what went wrong."""
    every = [latency for latencies in run.latencies.values() for latency in latencies]
    return {
        **_figures(every, seconds),
        "kinds": {name: _figures(each, seconds) for name, each in run.latencies.items()},
        "failures": dict(run.failures),
        "first_failure": run.first_failure,
    }


def _figures(latencies: Sequence[float], seconds: float) -> dict[str, float]:
    ordered = sorted(latencies)
    return {
        "count": len(ordered),
        "per_second": len(ordered) / seconds,
        "p50_ms": quantile(ordered, 0.5) * 1000,
        "p99_ms": quantile(ordered, 0.99) * 1000,
    }


def read_mix(url: str, mix: Path) -> list[Kind]:
    """The kinds of a mix in the order they are sent, each as often as its share says.

    Args:
        url: Where the gateway listens.
        mix: JSON, a list of ``{"name", "share", "path", "body", "headers"}``; ``share`` is a whole
            number, ``body`` a file's path, ``headers`` a list of ``Name: value``.
    """
    kinds: list[Kind] = []
    for one in json.loads(mix.read_bytes()):
        request = prepare(url + one["path"], Path(one["body"]).read_bytes(), one["headers"])
        kinds += [Kind(name=one["name"], request=request)] * one["share"]
    random.Random(SEED).shuffle(kinds)
    return kinds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    sent = parser.add_mutually_exclusive_group(required=True)
    sent.add_argument("--body", type=Path, help="every request has this body")
    sent.add_argument("--mix", type=Path, help="JSON, see read_mix; the URL has no path then")
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--warm-up", type=float, default=1)
    parser.add_argument("--rate", type=float, help="requests a second; without: as many as go")
    parser.add_argument("--expect", default="200")
    given = parser.parse_args()
    if given.mix is not None:
        kinds = read_mix(given.url, given.mix)
    else:
        request = prepare(given.url, given.body.read_bytes(), given.header)
        kinds = [Kind(name="all", request=request)]
    begins = time.perf_counter() + given.warm_up
    run = Run(
        kinds=cycle(kinds),
        expected=given.expect.encode(),
        counts_from=begins,
        ends=begins + given.seconds,
    )
    uvloop.run(measure(run, given.url, connections=given.connections, rate=given.rate))
    print(json.dumps(summary(run, given.seconds)))


if __name__ == "__main__":
    main()
