"""The built image, run as its manifests run it: no root, nothing writable, no network.

Run by ``make image-test``, which builds it first; never part of ``make test``.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import gateway_version
from gateway.cli.demo import GATEWAY_PORT, write_config
from gateway.cli.demo_story import RECIPIENT
from gateway.cli.simulate import DEFAULT_PORT as AUTHORITY_PORT
from gateway.security.tokens import new_token

pytestmark = pytest.mark.image

EXAMPLE = Path(__file__).parents[2] / "schemas/residents/search/v1/request.example.json"
IMAGE = os.environ.get("IMAGE") or f"agency-gateway:{gateway_version()}"
LOCKED_DOWN = (
    *("--network", "none", "--read-only", "--tmpfs", "/tmp"),  # noqa: S108 - in the container
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    """A running gateway."""

    engine: str
    id: str
    token: str

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return ask(
            self.engine,
            "exec",
            "--env",
            "AGENCY_GATEWAY_TOKEN",
            self.id,
            *command,
            token=self.token,
        )


def ask(engine: str, *arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the engine that was found
        [engine, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "AGENCY_GATEWAY_TOKEN": token},
    )


@pytest.fixture(scope="module")
def engine() -> str:
    for name in ("docker", "podman"):
        found = shutil.which(name)
        if found and ask(found, "image", "inspect", IMAGE).returncode == 0:
            return found
    pytest.fail(f"needs docker or podman, and the image {IMAGE}: run `make image`")


@pytest.fixture(scope="module")
def inspected(engine: str) -> dict[str, Any]:
    (image,) = json.loads(ask(engine, "image", "inspect", IMAGE).stdout)
    found: dict[str, Any] = image
    return found


@pytest.fixture
def container(engine: str, tmp_path: Path) -> Iterator[Container]:
    folder = tmp_path / "config"
    folder.mkdir(mode=0o755)
    token = new_token()
    write_config(folder, token, {"gateway": GATEWAY_PORT, "authority": AUTHORITY_PORT})
    # The demo's file keeps messages beside itself, and here that is read-only.
    config = folder / "gateway.toml"
    text = config.read_text("utf-8").replace('path = "messages.sqlite3"', "")
    config.write_text(text, "utf-8")
    shutil.copy(EXAMPLE, folder / "search.json")
    mount = f"{folder}:/etc/agency-gateway:ro"
    started = ask(engine, "run", "--detach", *LOCKED_DOWN, "--volume", mount, IMAGE)
    assert started.returncode == 0, started.stderr
    running = Container(engine=engine, id=started.stdout.strip(), token=token.token)
    try:
        yield running
    finally:
        ask(engine, "rm", "--force", "--volumes", running.id)


def health_check(image: dict[str, Any]) -> list[str]:
    """The command of HEALTHCHECK; docker and podman keep it at different places."""
    check = image["Config"].get("Healthcheck") or image["Healthcheck"]
    kind, *command = check["Test"]
    assert kind == "CMD"
    return [str(part) for part in command]


def await_success(container: Container, command: list[str]) -> None:
    for _ in range(60):
        if container.run(*command).returncode == 0:
            return
        time.sleep(0.5)
    pytest.fail(ask(container.engine, "logs", container.id).stderr)


def test_a_search_is_answered_without_root_or_a_writable_disk(
    container: Container, inspected: dict[str, Any]
) -> None:
    await_success(container, health_check(inspected))
    ask(container.engine, "exec", "--detach", container.id, "agency-gateway", "simulate", "xmeld")
    reachable = f"import socket; socket.create_connection(('127.0.0.1', {AUTHORITY_PORT}))"
    await_success(container, ["python3", "-c", reachable])
    answer = container.run(
        *("agency-gateway", "send", "residents/search", "/etc/agency-gateway/search.json"),
        *("--recipient", RECIPIENT),
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["outcome"] == "answered"
    assert container.run("id", "-u").stdout.strip() == "10001"
    for place in ("/usr/probe", "/opt/agency-gateway/probe", "/etc/agency-gateway/probe"):
        assert container.run("touch", place).returncode != 0
    assert container.run("test", "-s", "/var/lib/agency-gateway/messages.sqlite3").returncode == 0


def test_a_stop_ends_it_in_good_order(container: Container, inspected: dict[str, Any]) -> None:
    await_success(container, health_check(inspected))
    ask(container.engine, "stop", "--time", "45", container.id)
    (state,) = json.loads(ask(container.engine, "inspect", container.id).stdout)
    assert state["State"]["ExitCode"] == 0
    logs = ask(container.engine, "logs", container.id)
    assert "gateway.stopped" in logs.stderr + logs.stdout


def test_without_a_configuration_it_says_so_and_ends(engine: str) -> None:
    ended = ask(engine, "run", "--rm", *LOCKED_DOWN, IMAGE, "check-config")
    assert ended.returncode == 78
    assert "/etc/agency-gateway/gateway.toml" in ended.stderr


def test_it_carries_no_tools_to_build_or_install(engine: str) -> None:
    look = (
        "import importlib.util, shutil, sys; "
        "sys.exit(any(map(importlib.util.find_spec, ('pip', 'hatchling', 'pytest')))"
        " or any(map(shutil.which, ('cc', 'gcc', 'make', 'git'))))"
    )
    ended = ask(engine, "run", "--rm", *LOCKED_DOWN, "--entrypoint", "python3", IMAGE, "-c", look)
    assert ended.returncode == 0, ended.stderr


def test_it_says_what_it_is(inspected: dict[str, Any]) -> None:
    config = inspected["Config"]
    assert config["User"] == "10001:10001"
    assert config["Labels"]["org.opencontainers.image.version"] == gateway_version()
    assert config["Labels"]["org.opencontainers.image.licenses"] == "EUPL-1.2"
    assert (config.get("StopSignal") or inspected.get("StopSignal", "SIGTERM")) in {"SIGTERM", "15"}
