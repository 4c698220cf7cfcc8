"""Messages of every size side by side, as a published load test of data exchange mixes them.

2 kB to 100 kB are answers of resident searches; 2 MB and 10 MB are registers, whose request is as
large as their answer. Each kind has an authority of its own. Source: the load test of X-Road 6.
"""

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench import processes
from bench.beside import OPERATION as REGISTER
from bench.beside import PATH as REGISTER_PATH
from bench.beside import with_registers
from bench.cases import READY, Bench
from bench.inputs import CODELISTS, OPERATION, PATH, Inputs, configuration, write_toml
from bench.large import documents
from bench.pairs import Measured
from bench.sizes import answer_of

PROGRAM = Path(sys.executable).with_name("agency-gateway")
RATE = 50
SECONDS = 60.0
CONNECTIONS = 64
ROUND = 20.0
"""Seconds in which a message of every size passes; the first round is not counted."""

GLANCE = 0.5
"""Seconds between two looks at the memory."""

SMALL = {"2kB": (300, 0), "10kB": (600, 10_000), "100kB": (90, 100_000)}
"""Of a thousand messages, how many have an answer of so many bytes; 0: the shortest there is."""

LARGE = {"2MB": (9, 2_000_000), "10MB": (1, 10_000_000)}
MEBIBYTE = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """The gateway in front of an authority of each size, and the mix that asks them."""

    url: str
    started: processes.Started
    mix: Path


@contextlib.contextmanager
def gateway(inputs: Inputs) -> Iterator[Running]:
    """Run an authority for each size, and the gateway in front of them."""
    with contextlib.ExitStack() as stack:
        backends = {}
        for name, answer in _answers(inputs).items():
            log = inputs.log(f"backend-{name}")
            backends[name] = stack.enter_context(processes.backend(answer, log))
        port = processes.free_port()
        settings = configuration(inputs, name="mixed", port=port, backend=backends["2kB"])
        path = write_toml(inputs, "mixed", _with_authorities(inputs, settings, backends))
        url = f"http://127.0.0.1:{port}"
        command = [str(PROGRAM), "serve", "--config", str(path)]
        with processes.running(command, ready=url + READY, log=inputs.log("gateway")) as started:
            yield Running(url=url, started=started, mix=_mix(inputs))


def mixed_sizes(bench: Bench) -> Measured:
    """Latency by size at 50 messages a second, and what they leave in memory."""
    with gateway(bench.inputs) as running:
        arguments = ["--url", running.url, "--mix", str(running.mix)]
        paced = ["--rate", str(RATE), "--connections", str(CONNECTIONS)]
        arguments += [*paced, "--warm-up", "0"]
        processes.load(arguments, seconds=ROUND)
        seconds = max(bench.seconds, SECONDS)
        with processes.loading(arguments, seconds=seconds) as process:
            peaks = [_peak(running, seconds=ROUND) for _ in range(int(seconds // ROUND))]
            measured = processes.report(process, seconds=seconds)
    kinds = measured["kinds"]
    return {
        "p99_ms": max(round(kinds[name]["p99_ms"], 1) for name in SMALL),
        "growth_mib": round((peaks[-1] - peaks[0]) / MEBIBYTE, 1),
        "peak_mib": round(peaks[-1] / MEBIBYTE, 1),
        "per_second": round(measured["per_second"], 1),
        **{
            f"{figure}_{name}": round(kinds[name][figure], 1)
            for name in (*SMALL, *LARGE)
            for figure in ("count", "p50_ms", "p99_ms")
            if name in kinds
        },
        "failures": measured["failures"],
        "first_failure": measured["first_failure"],
    }


def _answers(inputs: Inputs) -> dict[str, Path]:
    answers = {name: answer_of(inputs, name, size) for name, (_, size) in SMALL.items()}
    for name, (_, size) in LARGE.items():
        answers[name] = inputs.folder / f"register-{name}.xml"
        answers[name].write_bytes(documents.answer(size))
    return answers


def _authority(name: str) -> str:
    return f"ags:0916200{[*SMALL, *LARGE].index(name) + 1}"


def _with_authorities(
    inputs: Inputs, settings: dict[str, Any], backends: dict[str, str]
) -> dict[str, Any]:
    """One authority, channel and route for each size."""
    settings = with_registers(inputs, settings, backends["2MB"])
    one = settings["authorities"][0]
    others = [{**one, "id": _authority(name)} for name in backends]
    channels, routes = [], []
    for name, address in backends.items():
        adapter = "xmeld" if name in SMALL else "register"
        versions = {"codelist_versions": CODELISTS} if name in SMALL else {}
        channels.append({"name": name, "adapter": adapter, "address": address, **versions})
        operation = OPERATION if name in SMALL else REGISTER
        routes.append({"operation": operation, "channel": name, "authority": _authority(name)})
    return {
        **settings,
        "authorities": [*settings["authorities"], *others],
        "channels": [*settings["channels"], *channels],
        "routes": [*settings["routes"], *routes],
    }


def _mix(inputs: Inputs) -> Path:
    question = inputs.questions["search-small"]
    search = json.loads(question.body.read_bytes())
    kinds = []
    for name, (share, size) in {**SMALL, **LARGE}.items():
        body = inputs.folder / f"request-{name}.json"
        headers = [f"Authorization: Bearer {question.token}"]
        if name in SMALL:
            body.write_text(json.dumps({**search, "recipient": {"id": _authority(name)}}))
        else:
            body.write_bytes(documents.request(size))
            headers.append(f"Recipient: {_authority(name)}")
        path = PATH if name in SMALL else REGISTER_PATH
        kinds.append(
            {"name": name, "share": share, "path": path, "body": str(body), "headers": headers}
        )
    path_of_mix = inputs.folder / "mix.json"
    path_of_mix.write_text(json.dumps(kinds))
    return path_of_mix


def _peak(running: Running, *, seconds: float) -> int:
    """Most memory that was seen within so many seconds, in bytes."""
    ends = time.monotonic() + seconds
    peak = 0
    while time.monotonic() < ends:
        peak = max(peak, _resident(running))
        time.sleep(GLANCE)
    return peak


def _resident(running: Running) -> int:
    """Memory of the gateway and its workers, in bytes."""
    gateway_process = psutil.Process(running.started.process.pid)
    everybody = [gateway_process, *gateway_process.children(recursive=True)]
    return sum(process.memory_info().rss for process in everybody)
