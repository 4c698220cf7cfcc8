"""``agency-gateway channels``."""

import json
from typing import Any

import pytest

from gateway.cli.channels import row
from tests.gateway.cli.conftest import Command
from tests.gateway.cli.running import Running


def test_a_channel_is_paused_listed_and_resumed(command: Command, running: Running) -> None:
    paused = command("channels", "pause", "tannau", "--reason", "Wartung", *running.access)
    assert json.loads(paused.out)["pauseReason"] == "Wartung"
    listed = command("channels", "list", *running.access).out.splitlines()
    assert listed[1].split() == ["tannau", "paused", "-", "0", "Wartung"]
    ended = command("send", "residents/search", running.search, *running.to, *running.access)
    assert ended.code == 75
    assert "channel-paused" in ended.err
    resumed = command("channels", "resume", "tannau", *running.access)
    assert json.loads(resumed.out)["paused"] is False
    (channel,) = json.loads(command("channels", "list", "--json", *running.access).out)
    assert (channel["name"], channel["paused"]) == ("tannau", False)
    history = command("channels", "history", "tannau", *running.access).out
    assert [line.split()[1] for line in history.splitlines()] == [
        "event",
        "channel.resumed",
        "channel.paused",
    ]
    sent = command("send", "residents/search", running.search, *running.to, *running.access)
    assert sent.code == 0


def test_an_unknown_channel_is_said_to_be(command: Command, running: Running) -> None:
    ended = command("channels", "resume", "other", *running.access)
    assert ended.code == 65
    assert "channel-unknown" in ended.err


@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        ({}, ("a", "open", "-", 3, "-")),
        ({"paused": True, "pauseReason": "x"}, ("a", "paused", "-", 3, "x")),
        ({"windowOpen": False, "windowOpensAt": "later"}, ("a", "window closed", "later", 3, "-")),
        ({"breaker": "probing", "breakerUntil": "soon"}, ("a", "probing", "soon", 3, "-")),
    ],
)
def test_the_most_telling_state_is_listed(changes: dict[str, Any], cells: tuple[Any, ...]) -> None:
    channel = {"name": "a", "waiting": 3, "paused": False, "windowOpen": True, "breaker": "closed"}
    assert row(channel | changes) == cells
