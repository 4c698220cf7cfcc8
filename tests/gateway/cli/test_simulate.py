"""``agency-gateway simulate``."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.gateway.cli.conftest import EXAMPLES, PROJECT, START, Command


@contextmanager
def simulated(data_home: Path, *arguments: str, said: list[str]) -> Iterator[str]:
    """Run the command while the block runs; yields the URL it prints."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", START, "simulate", *arguments, "--port", "0"],
        cwd=PROJECT,
        env={**os.environ, "XDG_DATA_HOME": str(data_home.parent)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        while not said or "answers at" not in said[-1]:
            line = process.stderr.readline()
            assert line, f"it ended: {said}"
            said.append(line.strip())
        yield said[-1].rpartition(" ")[2]
    finally:
        process.send_signal(signal.SIGTERM)
        said += process.communicate(timeout=20)[1].splitlines()
    assert process.returncode == 0


def test_it_answers_wire_messages_until_it_is_stopped(data_home: Path) -> None:
    with simulated(data_home, "xmeld", said=[]) as url:
        assert b"antwort.1331" in ask(url).content


def test_options_make_every_second_answer_an_error(data_home: Path) -> None:
    options = ("--status", "503", "--retry-after", "7", "--every", "2", "--times", "1")
    said: list[str] = []
    with simulated(data_home, "xmeld", *options, said=said) as url:
        answers = [ask(url) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 200, 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert [line.rpartition(": ")[2] for line in said[1:]] == ["hit", "status 503", "hit", "hit"]


def test_tls_is_made_on_the_spot_and_says_whom_to_trust(data_home: Path) -> None:
    said: list[str] = []
    with simulated(data_home, "xmeld", "--tls", "right", said=said) as url:
        trust = said[0].rpartition("SSL_CERT_FILE=")[2]
        answer = ask(url, ssl.create_default_context(cafile=trust))
    assert url.startswith("https://")
    assert answer.status_code == 200
    assert not Path(trust).exists()


def test_plan_and_options_together_are_wrong_usage(command: Command, tmp_path: Path) -> None:
    ended = command("simulate", "--plan", str(tmp_path / "plan.yaml"), "--retry-after", "1")
    assert ended.code == 2
    assert "--retry-after" in ended.err


def test_every_fault_of_a_plan_is_printed_with_its_line(command: Command, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("answer: hit\nrules:\n  - { fault: melt }\n  - { status: 200 }\n")
    ended = command("simulate", "--plan", str(plan))
    assert ended.code == 78
    assert "plan.yaml:3" in ended.err
    assert "plan.yaml:4" in ended.err


def test_missing_example_is_named_by_the_line_of_the_plan(command: Command, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("answer: hit\nrules:\n  - { answer: nowhere }\n")
    ended = command("simulate", "--plan", str(plan))
    assert ended.code == 78
    assert "plan.yaml:3" in ended.err


def ask(url: str, trust: ssl.SSLContext | None = None) -> httpx.Response:
    body = (EXAMPLES / "search-small.wire.xml").read_bytes()
    return httpx.post(url, content=body, verify=trust or True, trust_env=False)
