"""Showing steps."""

import io

from rich.console import Console

from gateway.cli.screen import MOST_LINES, WIDEST, Screen, readable_json, readable_xml


def screen(*, terminal: bool, full: bool = False) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120, highlight=False)
    return Screen(console, full=full), out


def test_steps_are_numbered_and_plain_where_nobody_sits() -> None:
    shown, out = screen(terminal=False)
    shown.document("First", '{"a": 1}', note="note")
    shown.table("Second", ("h",), [["x"]])
    text = out.getvalue()
    assert "1. First" in text
    assert "2. Second" in text
    assert "│" not in text


def test_a_terminal_gets_panels_of_readable_width() -> None:
    shown, out = screen(terminal=True)
    shown.document("First", '{"a": 1}')
    shown.table("Second", ("h",), [["x"]])
    assert "╭" in out.getvalue()
    assert "─" * WIDEST not in out.getvalue()


def test_long_documents_are_cut_unless_everything_is_asked_for() -> None:
    text = "\n".join("x" for _ in range(MOST_LINES + 5))
    cut, out = screen(terminal=False)
    cut.document("Long", text)
    assert "5 more lines" in out.getvalue()
    whole, out = screen(terminal=False, full=True)
    whole.document("Long", text)
    assert "more lines" not in out.getvalue()


def test_documents_are_indented() -> None:
    assert readable_json({"ä": 1}) == '{\n  "ä": 1\n}'
    assert readable_xml(b"<a><b>\xc3\xa4</b></a>") == "<a>\n  <b>ä</b>\n</a>"
