"""The command as a whole."""

import re

import pytest

from gateway.cli import main
from tests.gateway.cli.conftest import Command


def test_help_lists_every_command(command: Command) -> None:
    ended = command("--help")
    assert ended.code == 0
    for name in (
        "serve",
        "demo",
        "simulate",
        "send",
        "messages",
        "check-config",
        "operations",
        "schemas",
        "openapi",
        "adapter",
        "token",
        "translate",
    ):
        assert re.search(rf"\b{name}\b", ended.out)


def test_wrong_usage_ends_with_2(command: Command) -> None:
    assert command("translate").code == 2
    assert command("nothing").code == 2


def test_what_nobody_foresaw_ends_with_70_and_shows_no_text(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise ValueError("secret content")

    monkeypatch.setattr(main, "operations", fails)
    fails.__name__ = "operations"
    ended = command("operations")
    assert ended.code == 70
    assert "ValueError" in ended.err
    assert "secret" not in ended.err
