"""``agency-gateway replays``."""

import json
import time
from pathlib import Path

from tests.gateway.cli.conftest import Command
from tests.gateway.cli.running import Running
from tests.gateway.cli.test_letters import refused


def test_nothing_is_done_without_being_told_to(
    command: Command, refusing: Running, tmp_path: Path
) -> None:
    message_id = refused(command, refusing, tmp_path)
    shown = command("replays", "start", "--code", "authority-refused", *refusing.access)
    plan = json.loads(shown.out)
    assert plan["chosen"] >= 1
    assert "Nothing was done." in shown.err
    listed = command("replays", "list", *refusing.access)
    assert len(listed.out.splitlines()) == 1
    described = json.loads(command("messages", "show", message_id, *refusing.access).out)
    assert described["message"]["attempts"] == 1


def test_many_are_replayed_and_followed(
    command: Command, refusing: Running, tmp_path: Path
) -> None:
    message_id = refused(command, refusing, tmp_path)
    chosen = ("--id", message_id, "--state", "dead")
    digest = json.loads(command("replays", "start", *chosen, *refusing.access).out)["digest"]
    order = ("replays", "start", *chosen, "--rate", "100", "--yes", "--digest", digest)
    begun = json.loads(command(*order, *refusing.access).out)
    deadline = time.monotonic() + 10
    state = begun
    while state["state"] == "running" and time.monotonic() < deadline:
        state = json.loads(command("replays", "show", begun["id"], *refusing.access).out)
    assert (state["state"], state["moved"]) == ("done", 1)
    assert begun["id"] in command("replays", "list", *refusing.access).out
    left = command("replays", "left", begun["id"], *refusing.access)
    assert left.out.split() == ["position", "messageId", "result", "code"]
    stale = command(*order, *refusing.access)
    assert stale.code == 75
    assert "selection-changed" in stale.err


def test_a_replay_is_stopped(command: Command, refusing: Running, tmp_path: Path) -> None:
    ids = [refused(command, refusing, tmp_path) for _ in range(2)]
    chosen = [part for one in ids for part in ("--id", one)]
    begun = json.loads(
        command("replays", "start", *chosen, "--rate", "0.001", "--yes", *refusing.access).out
    )
    stopped = json.loads(command("replays", "stop", begun["id"], *refusing.access).out)
    assert (stopped["state"], stopped["chosen"]) == ("stopped", 2)


def test_unreadable_answers_are_read_again(command: Command, refusing: Running) -> None:
    shown = command("replays", "reread", "--authority", "ags:16099001", *refusing.access)
    assert json.loads(shown.out)["dryRun"] is True
    done = json.loads(command("replays", "reread", "--yes", *refusing.access).out)
    assert done["verb"] == "reread"


def test_an_unknown_replay_is_said_to_be(command: Command, refusing: Running) -> None:
    ended = command("replays", "show", "none", *refusing.access)
    assert ended.code == 65
    assert "replay-unknown" in ended.err
