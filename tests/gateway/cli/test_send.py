"""``agency-gateway send`` and ``messages`` against a gateway that runs."""

import json
from pathlib import Path

from tests.gateway.cli.conftest import Command
from tests.gateway.cli.running import Running


def test_an_answer_is_printed(command: Command, running: Running) -> None:
    ended = command("send", "residents/search", running.search, *running.to, *running.access)
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["outcome"] == "answered"


def test_a_check_sends_nothing(command: Command, running: Running) -> None:
    ended = command(
        "send", "residents/search", running.search, "--check", *running.to, *running.access
    )
    assert json.loads(ended.out)["map"].startswith("xmeld/")


def test_a_refusal_names_every_place(command: Command, running: Running, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"secret": 1}')
    ended = command("send", "residents/search", str(wrong), *running.to, *running.access)
    assert ended.code == 65
    assert "schema-violation" in ended.err


def test_a_gateway_that_is_not_there_can_be_asked_again(command: Command, tmp_path: Path) -> None:
    document = tmp_path / "a.json"
    document.write_text("{}")
    ended = command("send", "residents/search", str(document), "--url", "http://127.0.0.1:9")
    assert ended.code == 75


def test_a_file_that_is_missing_is_named(command: Command) -> None:
    ended = command("send", "residents/search", "missing.json")
    assert ended.code == 65
    assert "missing.json" in ended.err


def test_a_repeated_call_is_the_same_call(command: Command, running: Running) -> None:
    sent = ("send", "residents/search", running.search, "--key", "k", *running.to, *running.access)
    listing = ("messages", "list", "--json", *running.access)
    before = json.loads(command(*listing).out)["messages"]
    first, second = command(*sent), command(*sent)
    assert first.out == second.out
    assert len(json.loads(command(*listing).out)["messages"]) == len(before) + 1
