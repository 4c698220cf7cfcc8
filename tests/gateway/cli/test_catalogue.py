"""``agency-gateway operations``, ``openapi`` and ``schemas``."""

import json
from pathlib import Path

import pytest

from gateway.validation.schema_set import XSD
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


def test_an_edition_starts_at_one_file_and_names_its_xsd_version(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENCY_GATEWAY_SCHEMAS__PATH", str(tmp_path / "in"))
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.xsd").write_text(f'<xs:schema xmlns:xs="{XSD}"><xs:element name="a"/></xs:schema>')
    (source / "b.xsd").write_text("no schema")
    install = ("schemas", "install", str(source), "--standard", "a", "--edition", "1")
    assert command(*install).code == 78
    assert command(*install, "--entry", "c.xsd").code == 78
    assert command(*install, "--entry", "a.xsd", "--xsd", "2.0").code == 2
    assert command(*install, "--entry", "a.xsd", "--xsd", "1.1").code == 0
    shown = json.loads(command("schemas", "show", "a/1").out)
    assert (shown["entry"], shown["xsd"], shown["roots"]) == ("a.xsd", "1.1", ["a"])


def test_an_edition_that_is_not_installed_is_a_configuration_fault(command: Command) -> None:
    assert command("schemas", "show", "none/1").code == 78
