"""``agency-gateway simulate``."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from gateway.cli.demo import free_port
from tests.gateway.cli.conftest import EXAMPLES, PROJECT, START


def test_it_answers_wire_messages_until_it_is_stopped(data_home: Path) -> None:
    port = free_port(0)
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", START, "simulate", "xmeld", "--port", str(port)],
        cwd=PROJECT,
        env={**os.environ, "XDG_DATA_HOME": str(data_home.parent)},
        stderr=subprocess.PIPE,
    )
    try:
        answer = ask(url, (EXAMPLES / "search-small.wire.xml").read_bytes())
    finally:
        process.send_signal(signal.SIGTERM)
        _, printed = process.communicate(timeout=20)
    assert b"antwort.1331" in answer.content
    assert url in printed.decode()
    assert process.returncode == 0


def ask(url: str, body: bytes) -> httpx.Response:
    for _ in range(200):
        try:
            return httpx.post(url, content=body, trust_env=False)
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError("it did not start")
