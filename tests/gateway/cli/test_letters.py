"""``agency-gateway messages``: causes, diagnosis, corrected copies."""

import json
import time
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Command
from tests.gateway.cli.running import Running


def refused(command: Command, refusing: Running, folder: Path) -> str:
    """A message that the authority refused; its id."""
    document = json.loads(Path(refusing.search).read_text("utf-8"))
    document["search"]["name"]["familyName"]["text"] = "Ungueltig"
    path = folder / "refused.json"
    path.write_text(json.dumps(document))
    command("send", "residents/search", str(path), *refusing.to, *refusing.access)
    page = json.loads(command("messages", "list", "--json", "--limit", "1", *refusing.access).out)
    (message,) = page["messages"]
    assert message["state"] == "dead"
    return str(message["id"])


def rests(command: Command, refusing: Running, message_id: str) -> str:
    """Wait until a message rests; its state."""
    deadline = time.monotonic() + 10
    state = ""
    while state not in ("dead", "answered") and time.monotonic() < deadline:
        shown = json.loads(command("messages", "show", message_id, *refusing.access).out)
        state = shown["message"]["state"]
    return state


def test_causes_are_counted_with_what_to_do(
    command: Command, refusing: Running, tmp_path: Path
) -> None:
    refused(command, refusing, tmp_path)
    shown = command("messages", "causes", "--state", "dead", *refusing.access).out
    first, second, *rest = shown.splitlines()
    assert first.split()[:4] == ["count", "state", "code", "fault"]
    assert second.split()[1:4] == ["dead", "authority-refused", "authority"]
    assert any(line.startswith("authority-refused: ") for line in rest)
    found = json.loads(command("messages", "causes", "--json", *refusing.access).out)
    assert found[0]["channel"] == "tannau"
    none = command("messages", "causes", "--until", "2020-01-01T00:00:00Z", *refusing.access)
    assert len(none.out.splitlines()) == 1


def test_a_message_is_diagnosed(command: Command, refusing: Running, tmp_path: Path) -> None:
    message_id = refused(command, refusing, tmp_path)
    found = json.loads(command("messages", "diagnose", message_id, *refusing.access).out)
    assert (found["fault"], found["actions"]) == ("authority", ["replay", "correct"])
    listed = command("messages", "list", "--code", "authority-refused", *refusing.access)
    assert message_id in listed.out
    other = command("messages", "list", "--channel", "other", *refusing.access)
    assert message_id not in other.out


def test_a_message_is_corrected_and_compared(
    command: Command, refusing: Running, tmp_path: Path
) -> None:
    message_id = refused(command, refusing, tmp_path)
    kept = json.loads(command("messages", "request", message_id, *refusing.access).out)
    assert kept["search"]["name"]["familyName"]["text"] == "Ungueltig"
    correct = ("messages", "correct", message_id, refusing.search, "--key", "once")
    copy = json.loads(command(*correct, *refusing.access).out)["id"]
    assert rests(command, refusing, copy) == "answered"
    assert json.loads(command(*correct, *refusing.access).out)["id"] == copy
    places = command("messages", "diff", copy, *refusing.access).out
    assert "changed  /search/name/familyName/text" in places
    assert "Quendel" not in places
    values = command("messages", "diff", copy, "--values", *refusing.access).out
    assert "Quendel" in values
    again = command("messages", "replay", message_id, *refusing.access)
    assert again.code == 75
    assert "message-corrected" in again.err


@pytest.mark.parametrize("not_taken", [(), ("--not-taken",)])
def test_an_answered_message_is_not_corrected(
    command: Command, refusing: Running, not_taken: tuple[str, ...]
) -> None:
    command("send", "residents/search", refusing.search, *refusing.to, *refusing.access)
    page = json.loads(command("messages", "list", "--json", "--limit", "1", *refusing.access).out)
    message_id = page["messages"][0]["id"]
    ended = command(
        "messages", "correct", message_id, refusing.search, *not_taken, *refusing.access
    )
    assert ended.code == 75
    assert "transition-conflict" in ended.err


def test_a_message_is_replayed_by_the_present_map(
    command: Command, refusing: Running, tmp_path: Path
) -> None:
    message_id = refused(command, refusing, tmp_path)
    mode = ("--mode", "retranslate")
    ended = command("messages", "replay", message_id, *mode, *refusing.access)
    assert json.loads(ended.out)["state"] == "accepted"
    assert rests(command, refusing, message_id) == "dead"
