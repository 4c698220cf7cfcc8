"""What log records look like."""

import json
import logging
import sys

import pytest

from gateway.cli.logs import JsonLines, ReadableLines, configure_logging
from gateway.settings.model import LogSettings


def record(**extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": "message accepted", "levelname": "INFO", "name": "g"})
    vars(made).update(extra)
    return made


def test_a_record_is_one_json_object_with_its_extras() -> None:
    line = json.loads(JsonLines().format(record(event="message.accepted", message_id="m")))
    assert (line["event"], line["message_id"]) == ("message.accepted", "m")
    assert line["at"].endswith("+00:00")


def test_a_person_reads_one_line() -> None:
    line = ReadableLines().format(record(event="message.accepted"))
    assert line.endswith("info    message accepted event=message.accepted")


def test_an_exception_is_written_without_its_text() -> None:
    with pytest.raises(ValueError, match="secret") as caught:
        int("secret")
    shown = JsonLines().format(record(exc_info=(caught.type, caught.value, caught.tb)))
    assert json.loads(shown)["error"] == "ValueError"
    assert "secret" not in shown


def test_libraries_are_heard_when_they_warn(capsys: pytest.CaptureFixture[str]) -> None:
    root, ours = logging.getLogger(), logging.getLogger("gateway")
    before = (root.handlers[:], root.level, ours.level)
    try:
        configure_logging(LogSettings.model_validate({"level": "debug", "json": False}))
        root.handlers[0].setStream(sys.stderr)  # type: ignore[attr-defined]
        logging.getLogger("gateway.x").debug("ours")
        logging.getLogger("other").info("theirs")
    finally:
        root.handlers[:], root.level, ours.level = before[0], before[1], before[2]
        logging.getLogger("gateway.x").manager._clear_cache()  # type: ignore[attr-defined]
    printed = capsys.readouterr().err
    assert "ours" in printed
    assert "theirs" not in printed
