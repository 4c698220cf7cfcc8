"""``agency-gateway check-config``."""

import json
from pathlib import Path

import pytest

from gateway.cli.demo import write_config
from gateway.security.tokens import new_token
from tests.gateway.cli.conftest import Command
from tests.gateway.validation.code_lists import genericode


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, new_token(), {"gateway": 8080, "authority": 8090})


def test_sound_settings_are_printed_without_digests(command: Command, config: Path) -> None:
    ended = command("check-config", "--config", str(config))
    assert ended.code == 0
    assert json.loads(ended.out)["channels"][0]["name"] == "tannau"
    assert "sha256" not in ended.out


def test_faults_of_settings_are_all_listed(command: Command, config: Path) -> None:
    text = config.read_text("utf-8").replace('channel = "tannau"', 'channel = "x"')
    config.write_text(text.replace('party = "dbs:160990010000"', 'party = "dbs:1"'), "utf-8")
    ended = command("check-config", "--config", str(config))
    assert ended.code == 78
    assert "authentication.callers[0].party" in ended.err
    assert "routes[0].channel" in ended.err


def test_a_faulty_adapter_names_the_closed_channel(command: Command, config: Path) -> None:
    text = config.read_text("utf-8").replace('adapter = "xmeld"', 'adapter = "none"')
    config.write_text(text, "utf-8")
    ended = command("check-config", "--config", str(config))
    assert ended.code == 78
    assert "tannau" in ended.err


def test_lists_whose_codes_go_unchecked_are_named(
    command: Command, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENCY_GATEWAY_CODELISTS__PATH", str(tmp_path / "installed"))
    uri = "urn:xoev-de:xinneres:codeliste:geschlecht"
    before = command("check-config", "--config", str(config))
    assert uri in before.err
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "sex.xml").write_bytes(genericode({"m": "m"}, uri=uri))
    assert (
        command("codelists", "install", str(tmp_path / "lists"), "--config", str(config)).code == 0
    )
    after = command("check-config", "--config", str(config))
    assert after.code == 0
    assert uri not in after.err
    assert "urn:de:bund:destatis" in after.err
