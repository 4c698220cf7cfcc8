"""A gateway that takes small searches and large documents, each with an authority of its own."""

import contextlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import processes
from bench.inputs import PROJECT, Inputs, Question, configuration, write_toml
from bench.large import documents
from bench.pairs import Measured, Pair, failures, spread

LARGE = PROJECT / "bench" / "large"
OPERATION = "testing/register/v1"
PATH = "/v1/testing/register"
SIZE_BYTES = 10_000_000
PROGRAM = Path(sys.executable).with_name("agency-gateway")
READY = "/health/ready"


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """The gateway, the small searches' authority, and how a large document is asked."""

    url: str
    started: processes.Started
    backend: str
    large: list[str]


@contextlib.contextmanager
def gateway(inputs: Inputs) -> Iterator[Running]:
    """Run both authorities and the gateway in front of them."""
    body, answer = inputs.folder / "register.json", inputs.folder / "register.xml"
    body.write_bytes(documents.request(SIZE_BYTES))
    answer.write_bytes(documents.answer(SIZE_BYTES))
    with (
        processes.backend(inputs.answer, inputs.log("backend")) as small,
        processes.backend(answer, inputs.log("large-backend")) as large,
    ):
        port = processes.free_port()
        settings = configuration(inputs, name="beside", port=port, backend=small)
        path = write_toml(inputs, "beside", with_registers(inputs, settings, large))
        url = f"http://127.0.0.1:{port}"
        command = [str(PROGRAM), "serve", "--config", str(path)]
        with processes.running(command, ready=url + READY, log=inputs.log("gateway")) as started:
            token = inputs.questions["search-full"].token
            asked = Question(body=body, token=token).arguments()
            recipient = settings["authorities"][0]["id"]
            ask = ["--url", url + PATH, *asked, "--header", f"Recipient: {recipient}"]
            yield Running(url=url, started=started, backend=small, large=ask)


def with_registers(inputs: Inputs, settings: dict[str, Any], backend: str) -> dict[str, Any]:
    """Add the operation of large documents for every caller."""
    contracts = inputs.folder / "contracts"
    shutil.copytree(PROJECT / "schemas", contracts, dirs_exist_ok=True)
    shutil.copytree(LARGE / "schemas", contracts, dirs_exist_ok=True)
    grant = {"operation": OPERATION, "authorities": ["*"]}
    callers = [
        {**caller, "grants": [*caller["grants"], grant]}
        for caller in settings["authentication"]["callers"]
    ]
    recipient = settings["authorities"][0]["id"]
    route = {"operation": OPERATION, "channel": "registers", "authority": recipient}
    channel = {"name": "registers", "adapter": "register", "address": backend, "timeout": 60}
    return {
        **settings,
        "schemas": {**settings["schemas"], "contracts": str(contracts)},
        "adapters": {"paths": [str(LARGE / "adapters")]},
        "authentication": {"callers": callers},
        "routes": [*settings["routes"], route],
        "channels": [*settings["channels"], channel],
    }


@contextlib.contextmanager
def large_documents(running: Running, *, seconds: float) -> Iterator[Measured]:
    """Let one large document after the other pass; the figures are there when the block ends."""
    measured: Measured = {}
    arguments = [*running.large, "--connections", "1", "--warm-up", "0"]
    with processes.loading(arguments, seconds=seconds) as process:
        yield measured
        measured |= processes.report(process, seconds=seconds)


def compared(pairs: list[Pair]) -> Measured:
    """Medians and spread of the small ones' latency, and the ratio of the 99th percentiles."""
    return {
        **spread("p99_ratio", [pair.gateway["p99_ms"] / pair.bare["p99_ms"] for pair in pairs]),
        **spread("p99_ms", [pair.gateway["p99_ms"] for pair in pairs]),
        **spread("alone_p99_ms", [pair.bare["p99_ms"] for pair in pairs]),
        **spread("p50_ms", [pair.gateway["p50_ms"] for pair in pairs]),
        **spread("alone_p50_ms", [pair.bare["p50_ms"] for pair in pairs]),
        **spread("large_per_second", [pair.gateway["large_per_second"] for pair in pairs]),
        **spread("large_p50_ms", [pair.gateway["large"]["p50_ms"] for pair in pairs]),
        **failures([Pair(bare=pair.gateway["large"], gateway=pair.gateway) for pair in pairs]),
    }
