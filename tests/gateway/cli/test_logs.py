"""What log records look like."""

import json
import logging
import time
from collections.abc import Iterator

import pytest

from gateway.cli.logs import LARGEST_BATCH, JsonLines, ReadableLines, configure_logging
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


@pytest.fixture
def settings_of_logging() -> Iterator[None]:
    """Put back what ``configure_logging`` changes for the whole process."""
    root, ours = logging.getLogger(), logging.getLogger("gateway")
    spared = ("_srcfile", "logThreads", "logProcesses", "logMultiprocessing")
    before = {name: getattr(logging, name) for name in spared}
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    for name, value in before.items():
        setattr(logging, name, value)


@pytest.mark.usefixtures("settings_of_logging")
def test_libraries_are_heard_when_they_warn(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings.model_validate({"level": "debug", "json": False}))
    logging.getLogger("gateway.x").debug("ours")
    logging.getLogger("other").info("theirs")
    logging.getLogger("other").warning("a warning of theirs")
    printed = capsys.readouterr().err
    assert "ours" in printed
    assert "a warning of theirs" in printed
    assert "info" not in printed


def wait_for(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, once ``text`` is in it; at most two seconds later."""
    printed = ""
    limit = time.monotonic() + 2
    while text not in printed and time.monotonic() < limit:
        time.sleep(0.01)
        printed += capsys.readouterr().err
    return printed


@pytest.mark.usefixtures("settings_of_logging")
def test_lines_are_written_together_a_moment_later(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings())
    logging.getLogger("gateway.x").info("first")
    logging.getLogger("gateway.x").info("second")
    assert capsys.readouterr().err == ""
    lines = wait_for("second", capsys).splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["first", "second"]
    logging.getLogger("gateway.x").info("third")
    assert "third" in wait_for("third", capsys)


@pytest.mark.usefixtures("settings_of_logging")
@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR])
def test_trouble_is_written_at_once_with_what_came_before(
    capsys: pytest.CaptureFixture[str], level: int
) -> None:
    configure_logging(LogSettings())
    logging.getLogger("gateway.x").info("before")
    logging.getLogger("gateway.x").log(level, "trouble")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["before", "trouble"]


@pytest.mark.usefixtures("settings_of_logging")
def test_many_lines_do_not_wait(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings())
    for number in range(LARGEST_BATCH):
        logging.getLogger("gateway.x").info("line %d", number)
    lines = capsys.readouterr().err.splitlines()
    assert json.loads(lines[0])["message"] == "line 0"


@pytest.mark.usefixtures("settings_of_logging")
def test_a_record_that_cannot_be_shown_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings())
    logging.getLogger("gateway.x").info("%d", "not a number")
    logging.getLogger("gateway.x").warning("the next one")
    assert "the next one" in capsys.readouterr().err


@pytest.mark.usefixtures("settings_of_logging")
def test_the_end_of_the_process_writes_what_waits(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings())
    logging.getLogger("gateway.x").info("last")
    logging.getLogger().handlers[0].close()
    assert "last" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "terminal", "kind"),
    [
        (None, True, ReadableLines),
        (None, False, JsonLines),
        (True, True, JsonLines),
        (False, False, ReadableLines),
    ],
)
def test_a_terminal_gets_text_and_a_collector_json_unless_told_otherwise(
    setting: bool | None,  # noqa: FBT001 - given by name
    terminal: bool,  # noqa: FBT001
    kind: type[logging.Formatter],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    configure_logging(LogSettings.model_validate({"json": setting}))
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler.formatter, kind)
