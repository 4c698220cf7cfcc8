"""The scripts that build images, where no builder works."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.pieces import DEPLOY

TOOLS = ("sh", "dirname", "sed", "git")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with what the scripts need and no builder."""
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (tmp_path / name).symlink_to(found)
    return tmp_path


def run(script: str, tools: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": str(tools)}
    environment.pop("BUILDER", None)
    return subprocess.run(  # noqa: S603 - our own script
        [DEPLOY / script], capture_output=True, text=True, env=environment, check=False, timeout=60
    )


@pytest.mark.parametrize("script", ["build-image.sh", "python-image.sh"])
def test_a_missing_builder_is_named_with_the_remedy(script: str, tools: Path) -> None:
    ended = run(script, tools)
    assert ended.returncode == 69
    assert "No container builder works here" in ended.stderr
    assert "apt-get install podman" in ended.stderr


@pytest.mark.parametrize("script", ["build-image.sh", "python-image.sh"])
def test_a_client_without_its_engine_is_no_builder(script: str, tools: Path) -> None:
    client = tools / "docker"
    client.write_text('#!/bin/sh\ntest "$1" = --version\n', "utf-8")
    client.chmod(0o755)
    assert run(script, tools).returncode == 69


def test_the_builder_is_told_image_version_and_secrets(tools: Path, tmp_path: Path) -> None:
    """A builder that only writes down what it was asked shows the command line."""
    client = tools / "podman"
    client.write_text('#!/bin/sh\ntest "$1" = info || echo "$@"\n', "utf-8")
    client.chmod(0o755)
    environment = {
        "PATH": str(tools),
        "IMAGE": "gateway:x",
        "PYTHON_IMAGE": "python:x",
        "PIP_CONFIG": "/etc/pip.conf",
        "CA_CERTIFICATES": "/etc/ca.pem",
    }
    ended = subprocess.run(  # noqa: S603 - our own script
        [DEPLOY / "build-image.sh"], capture_output=True, text=True, env=environment, check=True
    )
    told = ended.stdout.splitlines()[-1]
    assert told.startswith("build --format docker --tag gateway:x --build-arg VERSION=")
    assert "--build-arg PYTHON_IMAGE=python:x" in told
    assert "--secret id=pip,src=/etc/pip.conf --secret id=ca,src=/etc/ca.pem" in told
    assert told.endswith(" .")
