"""The house rules that no linter knows: lengths, names, mirrored tests, what is documented."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import errors

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = [
    path
    for room in ("gateway", "adapters")
    for path in sorted((PROJECT / room).rglob("*.py"))
    if "__pycache__" not in path.parts
]
LONGEST_MODULE = 400
VAGUE = {"utils", "helpers", "common", "base", "manager", "types"}


def _relative(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_a_module_is_short_enough_to_be_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE, f"{lines} lines: split it by idea"


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_a_module_name_says_what_is_in_it(path: Path) -> None:
    assert path.stem not in VAGUE
    assert path.parent.name not in VAGUE


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.name != "__init__.py"], ids=_relative
)
def test_each_module_has_its_test_in_the_mirror(path: Path) -> None:
    relative = path.relative_to(PROJECT)
    mirror = PROJECT / "tests" / relative.parent / f"test_{relative.stem.removeprefix('_')}.py"
    assert mirror.is_file(), f"there is no {_relative(mirror)}"


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.name == "__init__.py"], ids=_relative
)
def test_a_package_head_holds_names_only(path: Path) -> None:
    code = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"(def|class|if|for|while|with|try)\b", line)
    ]
    assert not code


def _error_classes(start: type[errors.GatewayError]) -> Iterator[type[errors.GatewayError]]:
    for cls in start.__subclasses__():
        yield cls
        yield from _error_classes(cls)


def test_every_error_code_is_documented() -> None:
    text = (PROJECT / "docs" / "errors.md").read_text(encoding="utf-8")
    codes = {cls.code for cls in _error_classes(errors.GatewayError)}
    assert sorted(code for code in codes if f"`{code}`" not in text) == []


def test_nothing_in_the_project_names_a_machine_path_or_a_registry_host() -> None:
    # Written in pieces, so that this file does not find itself.
    forbidden = re.compile(
        "|".join(("pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs"))
        + r"|(?<![\w.-])/(?:wo"
        + "rk|ro"
        + r"ot)/"
    )
    found = [
        _relative(path)
        for pattern in ("*.py", "*.md", "*.toml", "*.yaml", "*.lock", "*.json", "Makefile")
        for path in PROJECT.rglob(pattern)
        if not {".venv", ".git"} & set(path.relative_to(PROJECT).parts)
        and forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []
