"""``agency-gateway check-config``."""

import json
import re
import shutil
from pathlib import Path

import pytest

from gateway.cli.demo import write_config
from gateway.security.tokens import new_token
from tests.gateway.cli.conftest import PROJECT, Command
from tests.gateway.validation.code_lists import genericode

REPORT = "residents/report/v1"


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


def test_every_fault_of_a_file_is_listed_at_once(
    command: Command, config: Path, tmp_path: Path
) -> None:
    """In one run: misspelt, wrong type, dangling, no folder, untranslated, unknown adapter."""
    text = config.read_text("utf-8")
    for old, new in (
        ("[server]", "[server]\nhots = 1"),
        ("timeout = 10 ", 'timeout = "soon" '),
        ('party = "dbs:160990010000"', 'party = "dbs:1"'),
        ('operation = "residents/search/v1"\nauthority =', f'operation = "{REPORT}"\nauthority ='),
        ("[log]", '[adapters]\npaths = ["none"]\n[log]'),
        ("[schemas]", ""),
    ):
        text = text.replace(old, new)
    second = '\n[[channels]]\nname = "second"\nadapter = "none"\naddress = "ftp://example"\n'
    contracts = tmp_path / "contracts"
    shutil.copytree(PROJECT / "schemas", contracts)
    # A contract of its own, so that only the adapter lacks the operation.
    copy_contract(contracts)
    text += f'{second}\n[schemas]\ncontracts = "{contracts}"\n'
    config.write_text(text, "utf-8")
    ended = command("check-config", "--config", str(config))
    assert ended.code == 78
    assert sorted(re.findall(r"\[([^\]\s]+(?:\[\d\])?[^\]]*)\]$", ended.err, re.MULTILINE)) == [
        "adapters.paths[0]",
        "authentication.callers[0].party",
        "channels[0].timeout",
        "channels[1].adapter",
        "channels[1].address",
        "routes[0].operation",
        "server.hots",
    ]
    assert "translates only residents/search/v1" in ended.err
    assert ended.out == ""


def test_a_broken_adapter_is_explained_with_its_place(
    command: Command, config: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "ours" / "broken"
    folder.mkdir(parents=True)
    (folder / "adapter.yaml").write_text("adapter: broken\n", "utf-8")
    text = config.read_text("utf-8").replace("[log]", '[adapters]\npaths = ["ours"]\n[log]')
    config.write_text(text.replace('adapter = "xmeld"', 'adapter = "broken"'), "utf-8")
    ended = command("check-config", "--config", str(config))
    assert ended.code == 78
    assert "adapter.yaml" in ended.err
    assert "channels[0].adapter" in ended.err
    assert "tannau" in ended.err


def copy_contract(schemas: Path) -> None:
    folder = schemas / REPORT
    shutil.copytree(schemas / "residents" / "search" / "v1", folder)
    contract = folder / "operation.yaml"
    text = contract.read_text("utf-8").replace("residents/search", REPORT.removesuffix("/v1"))
    contract.write_text(text, "utf-8")


def test_the_store_is_shown_without_its_password(command: Command, config: Path) -> None:
    assert "messages.sqlite3" in command("check-config", "--config", str(config)).out
    url = "postgresql://me:hunter2@db.example/gateway"
    text = config.read_text("utf-8").replace('path = "messages.sqlite3"', f'url = "{url}"')
    config.write_text(text, "utf-8")
    ended = command("check-config", "--config", str(config))
    assert ended.code == 0
    assert json.loads(ended.out)["store"]["url"] == "postgresql://db.example/gateway"
    assert "path" not in json.loads(ended.out)["store"]
    assert "hunter2" not in ended.out + ended.err
