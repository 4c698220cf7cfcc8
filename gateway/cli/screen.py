"""Show steps on a terminal in panels, elsewhere as plain text."""

import json
from collections.abc import Sequence
from typing import Any

from lxml import etree
from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

WIDEST = 100
"""Columns; longer lines are hard to read."""

MOST_LINES = 120
"""Lines of a document that are shown unless everything is asked for."""


class Screen:
    """Where steps are shown, one after the other."""

    def __init__(self, console: Console | None = None, *, full: bool = False) -> None:
        self._console = console or Console(highlight=False, markup=False)
        self._console.width = min(self._console.width, WIDEST)
        self._full = full
        self._number = 0

    def say(self, text: str) -> None:
        """Show a sentence; never broken in the middle of a word that may be copied."""
        self._console.print(text, soft_wrap=True)

    def document(self, title: str, text: str, *, language: str = "json", note: str = "") -> None:
        """Show a numbered step that is a document."""
        shown = self._cut(text)
        if self._console.is_terminal:
            body = Syntax(shown, language, word_wrap=True, background_color="default")
            self._panel(title, body, note)
        else:
            self._plain(title, shown, note)

    def table(
        self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, note: str = ""
    ) -> None:
        """Show a numbered step that is a table."""
        if self._console.is_terminal:
            table = Table(*headings, box=None, pad_edge=False)
            for row in rows:
                table.add_row(*row)
            self._panel(title, table, note)
        else:
            lines = ["  ".join(cell for cell in row if cell) for row in rows]
            self._plain(title, "\n".join(lines), note)

    def _panel(self, title: str, body: Any, note: str) -> None:
        heading = Text(self._heading(title), style="bold")
        self._console.print(
            Panel(body, title=heading, title_align="left", subtitle=Text(note), border_style="cyan")
        )

    def _plain(self, title: str, body: str, note: str) -> None:
        heading = self._heading(title)
        self.say("\n".join(["", heading, "-" * len(heading), *([note] if note else []), body]))

    def _heading(self, title: str) -> str:
        self._number += 1
        return f"{self._number}. {title}"

    def _cut(self, text: str) -> str:
        lines = text.splitlines()
        if self._full or len(lines) <= MOST_LINES:
            return "\n".join(lines)
        left = len(lines) - MOST_LINES
        return "\n".join([*lines[:MOST_LINES], f"… {left} more lines (--full shows all)"])


def readable_json(document: Any) -> str:
    """A JSON document, indented."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def readable_xml(data: bytes) -> str:
    """A wire message, indented; for looking at, not for sending."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    root = etree.fromstring(data, parser)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")
