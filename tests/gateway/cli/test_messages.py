"""``agency-gateway messages``."""

import json

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
