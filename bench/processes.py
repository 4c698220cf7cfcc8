"""Start and end the processes of a run; each is ended by its own id, whatever happened."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

START_LIMIT = 30.0
"""Seconds a process may take until it answers."""

STOP_LIMIT = 15.0
"""Seconds a process may take to end before it is killed."""

PAUSE = 0.02


class BenchError(Exception):
    """A run could not be carried out; the text says which part failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A process that can be used, and the seconds from its start until then."""

    process: subprocess.Popen[bytes]
    seconds: float

    def cpu_seconds(self) -> float:
        """Processor time that it has used since it was started."""
        used = psutil.Process(self.process.pid).cpu_times()
        return used.user + used.system

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)


def free_port() -> int:
    """A loopback port that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: Sequence[str], *, ready: str, log: Path) -> Iterator[Started]:
    """Run a command until the block ends; yields it once it is ready.

    Args:
        command: Program and arguments.
        ready: URL that answers 200 once the process can be used.
        log: File that takes the process's output.
    """
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(list(command), stdout=output, stderr=subprocess.STDOUT)
        try:
            _await_ready(process, ready, log)
            yield Started(process=process, seconds=time.perf_counter() - started)
        finally:
            _stop(process)


def _await_ready(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    limit = time.monotonic() + START_LIMIT
    while status(ready) != http.client.OK:
        if process.poll() is not None or time.monotonic() > limit:
            last = log.read_text(errors="replace")[-2000:]
            raise BenchError(f"{process.args!r} did not get ready:\n{last}")
        time.sleep(PAUSE)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def fetch(url: str, *, token: str = "") -> tuple[int, bytes]:
    """GET a loopback URL; status 0 if nobody answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def status(url: str) -> int:
    """Status of a GET; 0 if nobody answers."""
    return fetch(url)[0]


@contextlib.contextmanager
def backend(answer: Path, log: Path, *, delay: float = 0.0) -> Iterator[str]:
    """Run the constant backend, ``delay`` seconds slow; yields its URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "bench.backend", "--port", str(port), "--answer", str(answer)]
    command += ["--delay", str(delay)]
    with running(command, ready=url, log=log):
        yield url


@contextlib.contextmanager
def bare(backend_url: str, log: Path) -> Iterator[tuple[str, Started]]:
    """Run the bare proxy in front of a backend; yields its URL and the process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "bench.bare", "--port", str(port), "--backend", backend_url]
    with running(command, ready=url, log=log) as started:
        yield url, started


def load(arguments: Sequence[str], *, seconds: float) -> dict[str, Any]:
    """Run the load generator in its own process and return what it measured."""
    with loading(arguments, seconds=seconds) as process:
        return report(process, seconds=seconds)


def loading(arguments: Sequence[str], *, seconds: float) -> subprocess.Popen[bytes]:
    """Start the load generator; ``report`` waits for what it measured."""
    command = [sys.executable, "-m", "bench.load", "--seconds", str(seconds), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def report(process: subprocess.Popen[bytes], *, seconds: float) -> dict[str, Any]:
    """Wait for a load generator and return what it measured."""
    try:
        output, errors = process.communicate(timeout=seconds + 60)
    except subprocess.TimeoutExpired:
        process.kill()
        raise BenchError("the load generator did not end") from None
    if process.returncode:
        raise BenchError(f"the load generator failed:\n{errors.decode()[-2000:]}")
    measured: dict[str, Any] = json.loads(output)
    return measured


def last_error(log: Path) -> str:
    """Last line of a log that is an error; empty if none is."""
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    return next((line for line in reversed(lines) if '"level": "error"' in line), "")
