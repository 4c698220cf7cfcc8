"""Run one case under cProfile and say where the gateway's time goes.

cProfile sees the thread of the event loop only; a store that writes in a thread of its own shows
as waiting. It slows Python calls more than C calls: read shares, not times.
"""

import cProfile
import io
import pstats
import signal
import sys
import time
from pathlib import Path

from bench import processes
from bench.cases import READY, Bench
from bench.inputs import PATH, write_configuration
from bench.roundtrip import profile_roundtrip

SHOWN = 40
WARM_UP = 2.0
WRITE_LIMIT = 10.0
QUESTIONS = {"sync_full": "search-full"}


def profile(bench: Bench, case: str) -> str:
    """Return the functions with the most own time, and what was measured under the profiler."""
    if case == "map_roundtrip_1331":
        return _table(profile_roundtrip(bench.inputs, seconds=bench.seconds))
    inputs = bench.inputs
    question = inputs.questions[QUESTIONS.get(case, "search-small")]
    port = processes.free_port()
    url = f"http://127.0.0.1:{port}"
    figures = inputs.folder / "gateway.prof"
    with processes.backend(inputs.answer, inputs.log("backend")) as backend:
        configuration = write_configuration(inputs, name="profile", port=port, backend=backend)
        command = [
            *(sys.executable, "-m", "bench.profiled", str(figures)),
            *("serve", "--config", str(configuration)),
        ]
        arguments = ["--url", url + PATH, *question.arguments()]
        with processes.running(command, ready=url + READY, log=inputs.log("profile")) as started:
            processes.load(arguments, seconds=WARM_UP)
            started.signal(signal.SIGUSR1)
            measured = processes.load(arguments, seconds=bench.seconds)
            started.signal(signal.SIGUSR2)
            _await_file(figures)
    return f"{measured}\n{_table(str(figures))}"


def _await_file(figures: Path) -> None:
    limit = time.monotonic() + WRITE_LIMIT
    while not figures.is_file() and time.monotonic() < limit:
        time.sleep(0.1)
    time.sleep(0.5)  # written in one go, right after it was created


def _table(figures: str | cProfile.Profile) -> str:
    text = io.StringIO()
    pstats.Stats(figures, stream=text).sort_stats("tottime").print_stats(SHOWN)
    return text.getvalue()
