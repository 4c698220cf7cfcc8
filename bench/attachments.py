"""How much memory the gateway needs for attachments: one is taken, and sent to an authority.

Gateway and authority are processes of their own; the memory is that of the gateway's process.
"""

import contextlib
import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psutil

from bench import processes
from bench.cases import PROGRAM, READY, Bench
from bench.deposits.house import PATH, RECIPIENT, write_config
from bench.pairs import Measured
from gateway.security.tokens import Token, new_token
from gateway.settings import load_settings

MEBIBYTE = 2**20
GIBIBYTE = 2**30
SAMPLE_SECONDS = 0.01
PATIENCE_SECONDS = 600
BLOCK = (b"%PDF-1.7" + bytes(range(256)) * 4096)[:MEBIBYTE]
"""A mebibyte; what is sent is this, again and again."""


def attachment_1gib(bench: Bench) -> Measured:
    """Growth of the gateway's memory while 1 GiB comes in, and while it goes out."""
    folder = bench.inputs.folder / "attachments"
    folder.mkdir(exist_ok=True)
    return carried(folder, GIBIBYTE)


def carried(folder: Path, size_bytes: int) -> Measured:
    """Take an attachment and send it on; what it cost.

    Args:
        folder: Empty; on a disk with room for it.
        size_bytes: Of the attachment; a multiple of a mebibyte.
    """
    with _running(folder, size_bytes) as target:
        before = target.memory.resident()
        with target.memory.peak() as taking:
            began = time.perf_counter()
            sent = target.take(size_bytes)
            seconds_in = time.perf_counter() - began
        with target.memory.peak() as sending:
            began = time.perf_counter()
            arrived = target.deliver(sent["id"])
            seconds_out = time.perf_counter() - began
        after = target.memory.resident()
    return {
        "growth_in_mib": round((taking.bytes - before) / MEBIBYTE, 2),
        "growth_out_mib": round((sending.bytes - before) / MEBIBYTE, 2),
        "growth_after_mib": round((after - before) / MEBIBYTE, 2),
        "before_mib": round(before / MEBIBYTE, 1),
        "mib_per_second_in": round(size_bytes / MEBIBYTE / seconds_in, 1),
        "mib_per_second_out": round(size_bytes / MEBIBYTE / seconds_out, 1),
        "size_bytes": size_bytes,
        "failures": {} if arrived == sent["sha256"] else {"other content arrived": 1},
        "first_failure": "",
    }


@dataclass
class _Peak:
    bytes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Memory:
    """Of one process."""

    pid: int

    def resident(self) -> int:
        """Bytes that it holds now."""
        resident: int = psutil.Process(self.pid).memory_info().rss
        return resident

    @contextlib.contextmanager
    def peak(self) -> Iterator[_Peak]:
        """The most that it holds while the block runs."""
        peak, ended = _Peak(), threading.Event()

        def look() -> None:
            while not ended.wait(SAMPLE_SECONDS):
                peak.bytes = max(peak.bytes, self.resident())

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield peak
        finally:
            ended.set()
            thread.join()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Target:
    """A gateway and the authority behind it."""

    url: str
    authority: str
    token: Token
    memory: _Memory

    def take(self, size_bytes: int) -> dict[str, str]:
        """Send an attachment to the gateway; what it says of it."""
        blocks = (BLOCK for _ in range(size_bytes // MEBIBYTE))
        headers = {"Content-Type": "application/pdf", "Content-Length": str(size_bytes)}
        kept: dict[str, str] = self._post("/v1/attachments", blocks, headers)
        return kept

    def deliver(self, attachment: str) -> str:
        """Hand it in; the SHA-256 of what the authority got."""
        document = {"documents": [{"title": "Plan", "content": attachment}]}
        headers = {
            "Content-Type": "application/json",
            "Recipient": RECIPIENT,
            "Idempotency-Key": str(uuid4()),
        }
        self._post(PATH, json.dumps(document).encode(), headers)
        seen = json.loads(processes.fetch(f"{self.authority}seen")[1])
        found: str = seen[-1]["sha256"][0]
        return found

    def _post(
        self, path: str, body: Iterator[bytes] | bytes, headers: dict[str, str]
    ) -> dict[str, str]:
        connection = http.client.HTTPConnection(
            urlsplit(self.url).netloc, timeout=PATIENCE_SECONDS, blocksize=MEBIBYTE
        )
        try:
            bearer = {"Authorization": f"Bearer {self.token.token}"}
            connection.request("POST", path, body=body, headers=headers | bearer)
            response = connection.getresponse()
            answer: dict[str, str] = json.loads(response.read())
            if response.status not in (200, 201):
                raise processes.BenchError(f"{path} answered {response.status}: {answer}")
            return answer
        finally:
            connection.close()


@contextlib.contextmanager
def _running(folder: Path, size_bytes: int) -> Iterator[_Target]:
    token, port = new_token(), processes.free_port()
    authority = f"http://127.0.0.1:{port}/"
    limits = f"largest_megabytes = {max(1, size_bytes // MEBIBYTE)}"
    config = write_config(folder, token, authority, attachments=limits, timeout=PATIENCE_SECONDS)
    url = f"http://127.0.0.1:{load_settings(config).server.port}"
    command = [sys.executable, "-m", "bench.deposits.authority", str(port)]
    with (
        processes.running(command, ready=f"{authority}seen", log=folder / "authority.log"),
        processes.running(
            [str(PROGRAM), "serve", "--config", str(config)],
            ready=f"{url}{READY}",
            log=folder / "gateway.log",
        ) as gateway,
    ):
        memory = _Memory(pid=gateway.process.pid)
        yield _Target(url=url, authority=authority, token=token, memory=memory)
