import asyncio
import math
import time

from bench.backend import Backend, Desk, Template
from bench.load import Run, measure, prepare, quantile, summary


def started(*, seconds: float, expected: bytes = b"200") -> Run:
    now = time.perf_counter()
    request = prepare("http://127.0.0.1/", b"{}", [])
    return Run(request=request, expected=expected, counts_from=now, ends=now + seconds)


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
    assert 0 <= answered - len(run.latencies) <= 2
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
