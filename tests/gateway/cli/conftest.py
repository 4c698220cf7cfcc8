"""Commands run as a user runs them, in this process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.cli.demo import free_port, write_config
from gateway.cli.main import run
from gateway.security.tokens import new_token
from tests.gateway.cli.running import Running

START = "import sys; from gateway.cli.main import run; run(sys.argv[1:])"
PROJECT = Path(__file__).parents[3]
REFUSING = """
answer: hit
rules:
  - { when: { /search/name/familyName/text: Ungueltig }, status: 400 }
"""
EXAMPLES = PROJECT / "adapters" / "xmeld" / "examples"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def command(data_home: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Run ``agency-gateway`` with these arguments."""

    def ran(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            run(list(arguments))
        out, err = capfdbinary.readouterr()
        code = ended.value.code
        return Ended(code=code if isinstance(code, int) else 0, out=out.decode(), err=err.decode())

    return ran


@pytest.fixture(scope="module")
def running(installed_schemas: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway with a simulated authority, for the tests of one module."""
    with started(tmp_path_factory.mktemp("running"), installed_schemas) as running:
        yield running


@pytest.fixture(scope="module")
def refusing(
    installed_schemas: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The same; the authority refuses to search for somebody whose name is Ungueltig."""
    folder = tmp_path_factory.mktemp("refusing")
    plan = folder / "plan.yaml"
    plan.write_text(REFUSING, "utf-8")
    with started(folder, installed_schemas, "--plan", str(plan)) as running:
        yield running


@contextmanager
def started(folder: Path, installed_schemas: Path, *plan: str) -> Iterator[Running]:
    """Run both in processes of their own."""
    token = new_token()
    ports = {"gateway": free_port(0), "authority": free_port(0)}
    config = write_config(folder, token, ports)
    environment = {**os.environ, "XDG_DATA_HOME": str(installed_schemas)}
    commands = (
        ["simulate", "xmeld", "--port", str(ports["authority"]), *plan],
        ["serve", "--config", str(config)],
    )
    processes = [
        subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-c", START, *arguments], cwd=PROJECT, env=environment
        )
        for arguments in commands
    ]
    try:
        for port in ports.values():
            await_port(port)
        yield Running(
            search=str(PROJECT / "schemas/residents/search/v1/request.example.json"),
            access=("--url", f"http://127.0.0.1:{ports['gateway']}", "--token", token.token),
        )
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def await_port(port: int) -> None:
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("a process did not start")
