"""``agency-gateway codelists``."""

import json
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Command
from tests.gateway.validation.code_lists import URI, genericode


@pytest.fixture
def installed(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Two editions, installed as a user does."""
    monkeypatch.setenv("AGENCY_GATEWAY_CODELISTS__PATH", str(tmp_path / "installed"))
    source = tmp_path / "source"
    source.mkdir()
    old = genericode({"1": "one", "2": "two"}, version="9")
    new = genericode({"1": "eins\n", "3": "three"}, version="10", valid_from="2025-01-01")
    (source / "old.xml").write_bytes(old)
    (source / "new.xml").write_bytes(new)
    ended = command("codelists", "install", str(source))
    assert ended.code == 0
    assert f"{URI}, version 9, is installed: 2 codes" in ended.out
    return command


def test_editions_are_listed_oldest_first(installed: Command) -> None:
    lines = installed("codelists", "list").out.splitlines()
    assert [line.split()[:4] for line in lines[1:]] == [
        [URI, "9", "2024-01-01", "2"],
        [URI, "10", "2025-01-01", "2"],
    ]


def test_an_edition_is_shown(installed: Command) -> None:
    shown = json.loads(installed("codelists", "show", URI, "9").out)
    assert (shown["name"], shown["codes"], shown["key"]) == ("Colour", 2, "code")


def test_a_code_is_shown_with_its_status(installed: Command) -> None:
    assert json.loads(installed("codelists", "show", URI, "9", "2").out) == {
        "code": "2",
        "status": "removed",
        "removed_in": "10",
        "row": {"code": "2", "text": "two"},
    }
    assert json.loads(installed("codelists", "show", URI, "10", "7").out)["status"] == "unknown"


def test_differences_are_printed_line_by_line(installed: Command) -> None:
    assert installed("codelists", "diff", URI, "9", "10").out.splitlines() == [
        "2 codes → 2: 1 added, 1 removed, 1 changed",
        "- 2",
        "+ 3",
        '~ 1 text: "one" → "eins\\n"',
    ]


def test_differences_are_printed_as_json(installed: Command) -> None:
    shown = json.loads(installed("codelists", "diff", URI, "9", "10", "--json").out)
    assert (shown["added"], shown["removed"]) == (["3"], ["2"])


def test_what_is_not_installed_is_a_configuration_fault(installed: Command) -> None:
    for arguments in (("show", URI, "8"), ("diff", URI, "9", "8"), ("install", "none.xml")):
        assert installed("codelists", *arguments).code == 78


def test_another_content_is_replaced_only_when_asked(installed: Command, tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_bytes(genericode({"1": "other"}, version="9"))
    assert installed("codelists", "install", str(path)).code == 78
    assert installed("codelists", "install", str(path), "--replace").code == 0
