"""``agency-gateway operations``, ``openapi`` and ``schemas``."""

import json
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Command


def test_operations_are_listed(command: Command) -> None:
    assert "POST /v1/residents/search" in command("operations").out


def test_openapi_is_printed_as_json(command: Command) -> None:
    assert "/v1/residents/search" in json.loads(command("openapi").out)["paths"]


def test_wire_schemas_are_listed(command: Command) -> None:
    assert "xmeld/25.11a" in command("schemas", "list").out


@pytest.mark.standards
def test_an_official_edition_is_installed_and_shown(
    command: Command, standards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENCY_GATEWAY_SCHEMAS__PATH", str(tmp_path))
    source = str(standards / "xmeld-2511a")
    ended = command("schemas", "install", source, "--standard", "xmeld", "--edition", "25.11a")
    assert ended.code == 0
    assert json.loads(command("schemas", "show", "xmeld/25.11a").out)["edition"] == "25.11a"


def test_an_edition_that_is_not_installed_is_a_configuration_fault(command: Command) -> None:
    assert command("schemas", "show", "none/1").code == 78
