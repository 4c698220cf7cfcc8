import asyncio
import json
import math
import time
from collections import Counter
from itertools import cycle
from pathlib import Path

import pytest

from bench.backend import Backend, Desk, Template
from bench.load import Kind, Run, measure, prepare, quantile, read_mix, summary


def started(*, seconds: float, expected: bytes = b"200") -> Run:
    now = time.perf_counter()
    kind = Kind(name="all", request=prepare("http://127.0.0.1/", b"{}", []))
    return Run(kinds=cycle([kind]), expected=expected, counts_from=now, ends=now + seconds)


async def carried_out(run: Run, *, rate: float | None = None) -> int:
    """Carry the run out against a backend; how many posts that answered."""
    answers: list[bytes] = []
    desk = Desk(Template(b"<m/>"))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Backend(desk), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await measure(run, f"http://127.0.0.1:{port}/", connections=2, rate=rate)
    desk.ask(b"GET / HTTP/1.1\r\n\r\n", answers.append)
    return int(answers[0].split(b"\r\n\r\n")[1])


def test_quantiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.99)) == (50.0, 99.0)
    assert math.isnan(quantile([], 0.5))


async def test_every_answer_of_a_closed_run_is_counted() -> None:
    run = started(seconds=0.2)
    answered = await carried_out(run)
    assert 0 <= answered - len(run.latencies["all"]) <= 2
    assert summary(run, 0.2)["failures"] == {}


async def test_paced_run_keeps_its_rate() -> None:
    run = started(seconds=0.5)
    answered = await carried_out(run, rate=100)
    assert 30 <= answered <= 51


async def test_other_statuses_are_failures_and_shown() -> None:
    run = started(seconds=0.05, expected=b"202")
    await carried_out(run)
    assert not run.latencies
    assert run.failures["200"] > 0
    assert "<m/>" in summary(run, 0.05)["first_failure"]


async def test_each_kind_of_a_mix_is_sent_as_often_as_its_share_says(tmp_path: Path) -> None:
    body, mix = tmp_path / "body.json", tmp_path / "mix.json"
    body.write_text("{}")
    shares = {"short": 3, "long": 1}
    kinds = [
        {"name": name, "share": share, "path": f"/{name}", "body": str(body), "headers": ["A: b"]}
        for name, share in shares.items()
    ]
    mix.write_text(json.dumps(kinds))
    order = read_mix("http://127.0.0.1", mix)
    assert Counter(kind.name for kind in order) == shares
    assert order[0].request.startswith(f"POST /{order[0].name} HTTP/1.1".encode())
    now = time.perf_counter()
    run = Run(kinds=cycle(order), expected=b"200", counts_from=now, ends=now + 0.2)
    await carried_out(run)
    figures = summary(run, 0.2)["kinds"]
    assert figures["short"]["count"] == pytest.approx(3 * figures["long"]["count"], abs=4)
