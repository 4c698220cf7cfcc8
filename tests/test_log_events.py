"""Every event and field that the code logs is documented, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from gateway.flow.events import Event
from gateway.messaging.channel_state import ChannelEvent

PROJECT = Path(__file__).parents[1]
GUIDE = (PROJECT / "docs" / "events.md").read_text("utf-8")
EVERY_RECORD = {"at", "level", "logger", "message", "error", "frames"}
"""What ``gateway.cli.logs`` adds."""

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def trees() -> Iterator[ast.Module]:
    for path in sorted((PROJECT / "gateway").rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def records() -> Iterator[dict[str, ast.expr]]:
    """The fields of each record: of dictionaries with an event, and of the one made by hand."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
                fields = dict(zip(map(str, keys), node.values, strict=False))
            elif isinstance(node, ast.Call):
                fields = {one.arg: one.value for one in node.keywords if one.arg is not None}
                fields = fields if {"event", "msg"} <= fields.keys() else {}
            else:
                continue
            if "event" in fields:
                yield fields


def table(heading: str) -> set[str]:
    """First cells of the table below a heading of the guide."""
    section = re.split(r"^#+ ", GUIDE, flags=re.MULTILINE)
    (found,) = [part for part in section if part.startswith(heading)]
    return set(re.findall(r"^\| `([^`]+)` \|", found, flags=re.MULTILINE))


def test_every_event_is_documented_and_every_documented_one_exists() -> None:
    written = {
        fields["event"].value for fields in records() if isinstance(fields["event"], ast.Constant)
    }
    assert {"gateway.started", "unforeseen"} <= written  # the search finds something
    assert table("Events") == {str(event) for event in Event}
    assert table("Channels") == {str(event) for event in ChannelEvent}
    assert table("Logs only") == written


def test_every_field_is_documented_and_every_documented_one_exists() -> None:
    made_by_hand = {"created", "msecs", "msg"}
    written = {name for fields in records() for name in fields} - made_by_hand
    assert "message_id" in written  # the search finds something
    assert table("Records of the log") == written | EVERY_RECORD


def test_every_record_of_ours_has_an_event() -> None:
    calls = [
        node
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("log", "_log")
    ]
    assert len(calls) >= 5
    for call in calls:
        assert "extra" in {keyword.arg for keyword in call.keywords}, ast.unparse(call)
