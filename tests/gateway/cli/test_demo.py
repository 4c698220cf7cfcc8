"""``agency-gateway demo``."""

import socket
from pathlib import Path

import pytest

from gateway.bootstrap import build
from gateway.cli.demo import curl_line, free_port, write_config
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from tests.gateway.cli.conftest import Command


def test_the_demo_shows_every_step_and_ends(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = command("demo", "--once", "--full")
    assert ended.code == 0, ended.err
    for step in (
        "1. What the caller sends",
        "2. What the authority gets",
        "3. What the authority answers",
        "4. What the caller gets",
        "5. The ledger",
        "6. The history",
        "7. A search that the authority rejects",
    ):
        assert step in ended.out
    assert '"outcome": "rejected"' in ended.out
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_avoided() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) != port


def test_the_configuration_is_one_a_user_can_copy(data_home: Path, tmp_path: Path) -> None:
    token = new_token()
    path = write_config(tmp_path, token, {"gateway": 18080, "authority": 18090})
    settings = load_settings(path)
    assert settings.server.port == 18080
    assert settings.channels[0].address == "http://127.0.0.1:18090/"
    assert settings.authentication.callers[0].token_sha256 == token.sha256
    line = curl_line(build(settings), token.token, Path("search.json"))
    assert f"Bearer {token.token}" in line
    assert "http://127.0.0.1:18080/v1/residents/search" in line
