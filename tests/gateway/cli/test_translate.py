"""``agency-gateway translate``."""

import json
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import EXAMPLES, PROJECT, Command


def test_a_wire_message_is_read_with_its_ledger(command: Command) -> None:
    wire = EXAMPLES / "search-small.wire.xml"
    ended = command("translate", "--adapter", "xmeld", "--read", str(wire), "--ledger")
    assert ended.code == 0
    assert json.loads(ended.out) == json.loads((EXAMPLES / "search-small.api.json").read_text())
    assert "Lärchenweg" in ended.out
    assert json.loads(ended.err)["leftovers"] == []


@pytest.mark.parametrize("message", ["request", "answer"])
def test_a_document_is_written_and_read_again(
    command: Command, tmp_path: Path, message: str
) -> None:
    name = "search-small" if message == "request" else "answer-hit"
    document = EXAMPLES / f"{name}.api.json"
    written = command(
        "translate",
        "--adapter",
        str(PROJECT / "adapters" / "xmeld"),
        "--write",
        str(document),
        "--operation",
        "residents/search",
        "--message",
        message,
    )
    assert written.code == 0
    wire = tmp_path / "wire.xml"
    wire.write_text(written.out, encoding="utf-8")
    read = command("translate", "--adapter", "xmeld", "--read", str(wire))
    assert json.loads(read.out) == json.loads(document.read_text())


def test_a_fault_is_located_and_shows_no_value(command: Command, tmp_path: Path) -> None:
    document = json.loads((EXAMPLES / "search-small.api.json").read_text())
    document["officer"] = ["secret"]
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(document))
    ended = command("translate", "--adapter", "xmeld", "--write", str(path))
    assert ended.code == 65
    assert "/officer" in ended.err
    assert "secret" not in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--adapter", "none", "--read", "x"], 78),
        (["--adapter", "xmeld", "--read", "missing.xml"], 65),
        (["--adapter", "xmeld"], 2),
        (["--adapter", "xmeld", "--write", "missing.json"], 65),
    ],
)
def test_what_cannot_be_done_is_said(command: Command, arguments: list[str], code: int) -> None:
    ended = command("translate", *arguments)
    assert ended.code == code
    assert ended.err


def test_an_operation_is_named_where_there_are_others(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[]")
    base = ("translate", "--adapter", "xmeld", "--write", str(path))
    assert "residents/search/v1" in command(*base, "--operation", "residents/other").err
    assert command(*base, "--message", "other").code == 2
    assert command(*base).code == 65


@pytest.mark.parametrize("way", ["--read", "--write"])
def test_the_origin_of_every_value_is_explained_in_both_directions(
    command: Command, way: str
) -> None:
    case = EXAMPLES / f"search-small.{'wire.xml' if way == '--read' else 'api.json'}"
    ended = command("translate", "--adapter", "xmeld", way, str(case), "--explain")
    assert ended.code == 0, ended.err
    (line,) = [line for line in ended.err.splitlines() if "nachrichtenUUID" in line]
    assert line.startswith("supplied    /xmeld:")
    assert "  /messageId  parts.fragments.yaml:" in line


def test_origins_are_json_too(command: Command) -> None:
    base = ("translate", "--adapter", "xmeld", "--read", str(EXAMPLES / "search-small.wire.xml"))
    ended = command(*base, "--explain", "--json")
    assert ended.code == 0, ended.err
    origins = json.loads(ended.err)
    (found,) = [origin for origin in origins if origin["pointer"] == "/messageId"]
    assert found.keys() == {"wire", "pointer", "kind", "rule", "reason"}
    assert found["kind"] == "supplied"
    both = json.loads(command(*base, "--ledger", "--explain", "--json").err)
    assert both["origins"] == origins
    assert both["ledger"]["mapped"]
    assert command(*base, "--json").code == 2
