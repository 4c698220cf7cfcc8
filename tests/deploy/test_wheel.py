"""The built wheel in an environment of its own: what is missing from it is missing there."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.deploy.locks import PROJECT, RUNTIME, pins

pytestmark = pytest.mark.slow

RENAMED = {"schemas/": "gateway/schemas/"}
"""Folders of the checkout that lie elsewhere in the wheel."""


def run(*command: str | Path, folder: Path) -> str:
    """Run a command as a new user would: nothing of this process's environment leads back here."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    ended = subprocess.run(  # noqa: S603 - commands of this test
        [*map(str, command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    offline = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet")
    run(sys.executable, "-m", "pip", "wheel", *offline, PROJECT, folder=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the commands of a fresh environment: the wheel, and what the runtime lock names.

    The locked packages are linked from this environment instead of downloaded again.
    """
    home = tmp_path_factory.mktemp("fresh")
    environment, linked = home / "environment", home / "locked"
    run(sys.executable, "-m", "venv", "--without-pip", environment, folder=home)
    linked.mkdir()
    link_locked(linked)
    python = environment / "bin" / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", where, folder=home).strip())
    (packages / "locked.pth").write_text(f"{linked}\n", "utf-8")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    run(*pip, "--no-deps", "--no-index", wheel, folder=home)
    return environment / "bin"


def link_locked(folder: Path) -> None:
    here = Path(sysconfig.get_path("purelib"))
    for requirement, _ in pins(RUNTIME).values():
        if requirement.marker and not requirement.marker.evaluate():
            continue
        files = distribution(requirement.name).files or []
        for part in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            target = folder / part
            if not target.exists():
                target.symlink_to(here / part)


def test_the_demo_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    told = run(installed / "agency-gateway", "demo", "--once", folder=tmp_path)
    assert "1330" in told
    assert "answered" in told
    where = "import gateway, adapters; print(gateway.__file__, adapters.__file__)"
    assert str(PROJECT) not in run(installed / "python", "-c", where, folder=tmp_path)


def test_an_adapter_of_the_wheel_can_be_translated_with(installed: Path, tmp_path: Path) -> None:
    example = PROJECT / "adapters" / "xmeld" / "examples" / "answer-hit.wire.xml"
    command = (installed / "agency-gateway", "translate", "--adapter", "xmeld", "--read")
    assert '"outcome": "answered"' in run(*command, example, folder=tmp_path)


def test_the_wheel_holds_every_file_of_the_checkout(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        in_wheel(path.relative_to(PROJECT).as_posix())
        for room in ("gateway", "adapters", "schemas")
        for path in (PROJECT / room).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert held == expected


def in_wheel(name: str) -> str:
    for old, new in RENAMED.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name
