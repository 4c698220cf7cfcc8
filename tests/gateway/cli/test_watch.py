"""``agency-gateway messages watch``, as a person and as a script see it."""

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from rich.live import Live

from gateway.cli.demo import free_port, write_config
from gateway.cli.watch import LiveTable, duration
from gateway.security.tokens import new_token
from tests.gateway.cli.conftest import PROJECT, START, Command, await_port
from tests.gateway.cli.running import Running


@contextlib.contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a process of its own, ended with the block."""
    started = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", START, *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def line_of(pipe: object, within: float = 20.0) -> str:
    """The next line; fails if none comes."""
    assert isinstance(pipe, io.BufferedReader)
    readable, _, _ = select.select([pipe], [], [], within)
    assert readable, "nothing was said"
    return pipe.readline().decode()


def test_one_look_shows_counts_and_a_table(command: Command, running: Running) -> None:
    command("send", "residents/search", running.search, *running.to, *running.access)
    ended = command("messages", "watch", "--once", *running.access)
    assert ended.code == 0
    counts, headings, *rows = ended.out.splitlines()
    assert counts == "no message moves or waits for an operator"
    assert headings.split() == [
        "time",
        "id",
        "state",
        "outcome",
        "operation",
        "authority",
        "caller",
        "age",
        "attempts",
        "code",
    ]
    cells = rows[-1].split()
    assert cells[2:7] == [
        "answered",
        "answered",
        "residents/search",
        "ags:16099001",
        "citizens-office",
    ]
    assert cells[8:] == ["1", "-"]


def test_in_a_pipe_each_change_is_a_plain_line_and_ctrl_c_ends_well(
    command: Command, running: Running
) -> None:
    command("send", "residents/search", running.search, *running.to, *running.access)
    with process("messages", "watch", "--interval", "0.1", *running.access) as watching:
        line_of(watching.stdout)
        command("send", "residents/search", running.search, *running.to, *running.access)
        line = line_of(watching.stdout)
        assert line.split()[2:4] == ["answered", "answered"]
        assert "\x1b" not in line
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=10) == 0


def test_a_reader_that_has_read_enough_is_no_fault(running: Running, command: Command) -> None:
    command("send", "residents/search", running.search, *running.to, *running.access)
    with process("messages", "watch", "--interval", "0.1", *running.access) as watching:
        line_of(watching.stdout)
        assert watching.stdout is not None
        watching.stdout.close()
        command("send", "residents/search", running.search, *running.to, *running.access)
        assert watching.wait(timeout=10) == 0
        assert watching.stderr is not None
        assert watching.stderr.read() == b""
        watching.stdout = None


def test_a_wrong_token_ends_it(command: Command, running: Running) -> None:
    url = running.access[:2]
    ended = command("messages", "watch", *url, "--token", "wrong")
    assert (ended.code, "not-authenticated" in ended.err) == (65, True)


def test_without_a_gateway_it_does_not_begin(command: Command) -> None:
    ended = command("messages", "watch", "--url", f"http://127.0.0.1:{free_port(0)}")
    assert (ended.code, "No gateway answers" in ended.err) == (75, True)


def test_it_outlives_a_restart_of_the_gateway_and_says_so(data_home: Path, tmp_path: Path) -> None:
    token, port = new_token(), free_port(0)
    config = write_config(tmp_path, token, {"gateway": port, "authority": 1})
    access = ("--url", f"http://127.0.0.1:{port}", "--token", token.token)
    serve = ("serve", "--config", str(config))
    with contextlib.ExitStack() as stack:
        with process(*serve):
            await_port(port)
            watching = stack.enter_context(
                process("messages", "watch", "--interval", "0.1", *access)
            )
            time.sleep(2)  # its first look needs the gateway
            assert watching.poll() is None
        assert line_of(watching.stderr).endswith("Asking again every 0.1 s.\n")
        with process(*serve):
            await_port(port)
            assert "answers again" in line_of(watching.stderr)


def test_on_a_terminal_the_last_changes_stay_in_their_place() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=160, height=8)
    with Live(console=console, auto_refresh=False) as live:
        table = LiveTable(live)
        table.show([[f"row {number}", *"abcdefghi"] for number in range(10)], "dead 10")
        table.say("The gateway is away.")
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue().rpartition("dead 10")[2]
    assert "row 9" in shown
    assert "row 2" not in shown
    assert "The gateway is away." in shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0.0s"),
        (0.34, "0.3s"),
        (9.99, "9.9s"),
        (12, "12s"),
        (60, "1m"),
        (7_199, "1h"),
        (172_800, "2d"),
    ],
)
def test_a_duration_is_short(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
