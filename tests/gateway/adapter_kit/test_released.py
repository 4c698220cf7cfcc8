"""Comparing the schemas with the last release, in a real repository."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway.adapter_kit.released import main

NAME = "schemas/testing/notice/v1/request.schema.json"


def git(project: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(project), *who, *arguments]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - git, in a folder of the test


def write(project: Path, *fields: str) -> None:
    schema: dict[str, Any] = {"properties": {name: {"type": "string"} for name in fields}}
    path = project / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema), "utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a release of one schema."""
    git(tmp_path, "init", "--quiet")
    write(tmp_path, "a", "b")
    (tmp_path / "schemas" / "other.json").write_text("{}", "utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    return tmp_path


def test_without_a_release_there_is_nothing_to_compare_with(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(project) == 0
    assert "nothing to compare with" in capsys.readouterr().out


def test_a_release_is_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(project, "tag", "v1.0.0")
    write(project, "a", "b", "c")
    assert main(project) == 0
    assert capsys.readouterr().out == "Compatible to v1.0.0.\n"


def test_what_breaks_it_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(project, "tag", "v1.0.0")
    write(project, "a")
    assert main(project) == 1
    assert f"{NAME}: /b: was removed\n" in capsys.readouterr().out
    (project / NAME).unlink()
    assert main(project) == 1
    assert f"{NAME}: the schema was removed\n" in capsys.readouterr().out
