"""A thousand callers that wait: a backend that takes ten seconds, asked a hundred times a second.

Each caller waits for its answer; what counts is what the gateway adds to the ten seconds, and that
none of them fails.
"""

from dataclasses import replace

from bench import processes
from bench.cases import PROGRAM, READY, WARM_UP, Bench, Target
from bench.inputs import PATH, configuration, write_toml
from bench.pairs import Measured

RATE = 100
DELAY_SECONDS = 10.0
CONNECTIONS = 1_200
"""More than wait at a time, so that none waits for a connection."""

WAITING = int(RATE * DELAY_SECONDS)
MILLISECONDS = 1_000


def waiting_1000(bench: Bench) -> Measured:
    """What a thousand callers wait longer than their backend takes."""
    bench = replace(bench, seconds=max(bench.seconds, 2 * DELAY_SECONDS))
    question = bench.inputs.questions["search-small"]
    log = bench.inputs.log("backend")
    with processes.backend(bench.inputs.answer, log, delay=DELAY_SECONDS) as backend:
        port = processes.free_port()
        settings = configuration(bench.inputs, name="waiting", port=port, backend=backend)
        settings["channels"][0]["max_in_flight"] = CONNECTIONS
        path = write_toml(bench.inputs, "waiting", settings)
        command = [str(PROGRAM), "serve", "--config", str(path)]
        url = f"http://127.0.0.1:{port}"
        with processes.running(
            command, ready=url + READY, log=bench.inputs.log("gateway")
        ) as started:
            target = Target(url=url + PATH, started=started, backend=backend)
            warm = str(DELAY_SECONDS + WARM_UP)
            extra = ("--rate", str(RATE), "--connections", str(CONNECTIONS), "--warm-up", warm)
            measured = target.load(bench, question, *extra)
    added = {name: measured[name] - DELAY_SECONDS * MILLISECONDS for name in ("p50_ms", "p99_ms")}
    return {**measured, "waiting": WAITING, **{f"added_{name}": ms for name, ms in added.items()}}
