"""The systemd unit: what systemd itself says of it, and what it closes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.cli.failures import exit_code_of
from gateway.errors import ConfigurationError
from tests.deploy.pieces import DEPLOY

UNIT = DEPLOY / "agency-gateway.service"
CLOSED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "MemoryDenyWriteExecute": "yes",
    "RestrictNamespaces": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "StateDirectory": "agency-gateway",
    "StateDirectoryMode": "0700",
    "UMask": "0077",
}
MOST_EXPOSED = 20
"""Tenths of the exposure level that ``systemd-analyze security`` gives; 100 is wide open."""


def directives() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("needs systemd-analyze (Debian: systemd)")
    return found


def test_it_runs_the_gateway_as_a_user_of_its_own() -> None:
    unit = directives()
    assert unit["ExecStart"] == [
        "/opt/agency-gateway/bin/agency-gateway serve --config /etc/agency-gateway/gateway.toml"
    ]
    assert unit["User"] == unit["Group"] == ["agency-gateway"]


def test_it_is_closed() -> None:
    unit = directives()
    assert {name: unit[name] for name in CLOSED} == {name: [v] for name, v in CLOSED.items()}


def test_a_faulty_configuration_is_not_started_again_and_again() -> None:
    unit = directives()
    assert unit["RestartPreventExitStatus"] == [str(exit_code_of(ConfigurationError))]
    assert unit["Restart"] == ["on-failure"]


def test_systemd_finds_no_fault(analyze: str, tmp_path: Path) -> None:
    # The command is not installed on the machine of the tests, which systemd would report.
    text = re.sub(r"/opt/\S+", "/bin/true", UNIT.read_text("utf-8"))
    copy = tmp_path / UNIT.name
    copy.write_text(text, "utf-8")
    ended = run(analyze, "verify", "--man=no", str(copy))
    assert (ended.returncode, ended.stderr) == (0, "")


def test_systemd_finds_it_hardly_exposed(analyze: str) -> None:
    ended = run(analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNIT))
    assert ended.returncode == 0, ended.stdout[-500:]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - systemd's own tool
        command, capture_output=True, text=True, check=False, timeout=60
    )
