"""``agency-gateway messages``."""

import json
import time
from pathlib import Path

from tests.gateway.cli.conftest import Command
from tests.gateway.cli.running import Running


def test_messages_are_listed_and_shown(command: Command, running: Running) -> None:
    command("send", "residents/search", running.search, *running.to, *running.access)
    page = json.loads(command("messages", "list", "--json", *running.access).out)
    message_id = page["messages"][0]["id"]
    listed = command("messages", "list", "--state", "answered", *running.access)
    assert message_id in listed.out
    shown = json.loads(command("messages", "show", message_id, *running.access).out)
    assert shown["message"]["state"] == "answered"
    assert shown["history"][0]["event"] == "message.accepted"
    assert set(shown) == {"message", "history", "attempts", "ledger"}


def test_an_unknown_message_is_said_to_be(command: Command, running: Running) -> None:
    ended = command("messages", "show", "none", *running.access)
    assert ended.code == 65
    assert "message-unknown" in ended.err


def test_a_settled_message_is_neither_withdrawn_nor_replayed(
    command: Command, running: Running
) -> None:
    command("send", "residents/search", running.search, *running.to, *running.access)
    page = json.loads(command("messages", "list", "--json", *running.access).out)
    message_id = page["messages"][0]["id"]
    for verb in (["cancel"], ["replay", "--not-taken"], ["reread"]):
        ended = command("messages", verb[0], message_id, *verb[1:], *running.access)
        assert ended.code == 75
        assert "transition-conflict" in ended.err


def test_a_page_says_how_to_go_on(command: Command, running: Running) -> None:
    for _ in range(2):
        command("send", "residents/search", running.search, *running.to, *running.access)
    first = command("messages", "list", "--limit", "1", *running.access)
    cursor = first.err.split("--cursor ")[1].strip()
    second = command("messages", "list", "--limit", "1", "--cursor", cursor, *running.access)
    assert first.out != second.out
    none = command("messages", "list", "--until", "2020-01-01T00:00:00Z", *running.access)
    assert len(none.out.splitlines()) == 1


def test_refused_calls_are_listed(command: Command, running: Running, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"secret": 1}')
    command("send", "residents/search", str(wrong), *running.to, *running.access)
    deadline = time.monotonic() + 10
    shown = ""
    while "schema-violation" not in shown and time.monotonic() < deadline:
        shown = command("messages", "list", "--state", "refused", *running.access).out
    assert "schema-violation" in shown
    assert "secret" not in shown
