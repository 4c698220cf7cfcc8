"""What runs the gateway and what builds it are parts of the one lock."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.deploy.locks import BUILD, PROJECT, RUNTIME, WHOLE, pins

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
NEEDED = {
    RUNTIME: PYPROJECT["project"]["dependencies"],
    BUILD: [*PYPROJECT["dependency-groups"]["build"], *PYPROJECT["build-system"]["requires"]],
}


@pytest.mark.parametrize("part", NEEDED, ids=lambda lock: lock.name)
def test_a_part_pins_what_the_whole_pins(part: Path) -> None:
    whole = pins(WHOLE)
    for name, (requirement, hashes) in pins(part).items():
        pinned, known = whole[name]
        assert requirement.specifier == pinned.specifier, name
        assert hashes, name
        assert hashes == known, name


@pytest.mark.parametrize("part", NEEDED, ids=lambda lock: lock.name)
def test_a_part_has_what_is_needed_and_run_make_lock_if_not(part: Path) -> None:
    assert {Requirement(line).name for line in NEEDED[part]} <= set(pins(part))


def test_no_tool_of_developers_is_installed_where_the_gateway_runs() -> None:
    tools = {Requirement(line).name for line in PYPROJECT["dependency-groups"]["dev"]}
    assert tools.isdisjoint(pins(RUNTIME))
