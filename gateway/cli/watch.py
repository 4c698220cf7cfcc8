"""``agency-gateway messages watch``: messages as they change, on a terminal or in a pipe.

Kept out: finding out what changed (``changes``).
"""

import contextlib
import os
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gateway.bootstrap import SystemClock
from gateway.cli.changes import Changes
from gateway.cli.client import GatewayClient
from gateway.cli.options import LOCAL, Token, Url
from gateway.cli.show import print_table
from gateway.errors import GatewayError, MessageRefusedError
from gateway.messaging.lifecycle import State

COLUMNS = {
    "time": 8,
    "id": 8,
    "state": 15,
    "outcome": 8,
    "operation": 20,
    "authority": 14,
    "caller": 16,
    "age": 5,
    "attempts": 8,
    "code": 0,
}
"""Columns of a line and how wide each is at least; nothing is cut."""

SHORT_ID = 8
"""First characters of an identifier that tell messages of a day apart."""

_FRAME = 4  # lines of the terminal that no message is shown on

CLOCK = "%H:%M:%S"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"

Row = Sequence[str]


class View(Protocol):
    """Where changes are shown."""

    @property
    def time_format(self) -> str:
        """How times look there, in UTC."""
        ...

    def show(self, rows: Sequence[Row], counts: str) -> None:
        """Add rows, and say how many messages are in which state."""
        ...

    def say(self, sentence: str) -> None:
        """Tell something about the gateway itself."""
        ...


class Lines:
    """One line a change, without headings and control codes: for a pipe."""

    time_format = MOMENT

    def show(self, rows: Sequence[Row], counts: str) -> None:
        """See ``View``; who reads a pipe counts by themselves."""
        del counts
        for row in rows:
            widths = COLUMNS.values()
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            typer.echo("  ".join(cells).rstrip())

    def say(self, sentence: str) -> None:
        """See ``View``; apart from the changes, on standard error."""
        typer.echo(sentence, err=True)


class LiveTable:
    """The last changes as a table that stays in its place: for a terminal."""

    time_format = CLOCK

    def __init__(self, live: Live) -> None:
        self._live = live
        self._rows: deque[Row] = deque(maxlen=200)
        self._counts = ""
        self._said = ""

    def show(self, rows: Sequence[Row], counts: str) -> None:
        """See ``View``."""
        self._rows.extend(rows)
        self._counts = counts
        self._draw()

    def say(self, sentence: str) -> None:
        """See ``View``."""
        self._said = sentence
        self._draw()

    def _draw(self) -> None:
        table = Table(box=None, pad_edge=False)
        for name in COLUMNS:
            table.add_column(name, no_wrap=True)
        room = max(self._live.console.height - _FRAME, 1)
        for row in list(self._rows)[-room:]:
            table.add_row(*(Text(cell) for cell in row))
        shown = Group(Text(self._counts, style="bold"), table, Text(self._said, style="yellow"))
        self._live.update(shown, refresh=True)


def watch(
    *,
    interval: Annotated[float, typer.Option(help="Seconds between looks.", min=0.1)] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Show your messages as they change, until Ctrl-C; begins with all that are not final."""
    changes = Changes(GatewayClient(url, token))
    if once:
        rows = rows_of(changes.look(), MOMENT)
        typer.echo(counts_of(changes))
        print_table(list(COLUMNS), rows)
        return
    with _ends_quietly(), _view() as view:
        follow(changes, view, interval=interval, url=url)


def follow(changes: Changes, view: View, *, interval: float, url: str) -> None:
    """Show changes without end.

    Args:
        changes: Looks at the messages.
        view: Where they are shown.
        interval: Seconds between looks.
        url: Of the gateway, for a person.

    Raises:
        GatewayError: The first look failed, or a later one was refused; a gateway that only is
            away for a while, for example to be started again, is waited for.
    """
    view.show(rows_of(changes.look(), view.time_format), counts_of(changes))
    away = False
    while True:
        time.sleep(interval)
        try:
            changed = changes.look()
        except MessageRefusedError:
            raise
        except GatewayError as error:
            if not away:
                view.say(f"{error.detail} Asking again every {interval:g} s.")
            away = True
            continue
        if away:
            view.say(f"The gateway at {url} answers again.")
        away = False
        view.show(rows_of(changed, view.time_format), counts_of(changes))


def rows_of(messages: Sequence[Mapping[str, Any]], time_format: str) -> list[Row]:
    """The cells of each message, in the order of ``COLUMNS``."""
    now = SystemClock().now()
    return [_row(message, now, time_format) for message in messages]


def counts_of(changes: Changes) -> str:
    """How many messages are in which state, those that are not final; ``+``: there are more."""
    more = "+" if changes.is_cut else ""
    counted = [f"{state} {changes.counts[state]}{more}" for state in State if changes.counts[state]]
    return " · ".join(counted) or "no message moves or waits for an operator"


def _row(message: Mapping[str, Any], now: datetime, time_format: str) -> Row:
    settled = message["settledAt"]
    # When a message that moves came to its state is not told; it was just now.
    at = now if settled is None else datetime.fromisoformat(settled)
    age = (at - datetime.fromisoformat(message["acceptedAt"])).total_seconds()
    return (
        at.astimezone(UTC).strftime(time_format),
        message["id"][:SHORT_ID],
        message["state"],
        message["outcome"] or "-",
        message["operation"],
        message["authority"],
        message["caller"],
        duration(age),
        str(message["attempts"]),
        message["code"] or "-",
    )


def duration(seconds: float) -> str:
    """A duration in a few characters, rounded down: ``0.3s``, ``12s``, ``5m``, ``3h``, ``2d``."""
    seconds = max(seconds, 0.0)
    if seconds < 10:  # noqa: PLR2004 - one digit before the point
        return f"{int(seconds * 10) / 10:.1f}s"
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{int(seconds // length)}{unit}"
    return f"{int(seconds)}s"


@contextlib.contextmanager
def _view() -> Iterator[View]:
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        yield Lines()
        return
    with Live(console=console, auto_refresh=False) as live:
        yield LiveTable(live)


@contextlib.contextmanager
def _ends_quietly() -> Iterator[None]:
    """Take Ctrl-C, and a reader of the pipe that has read enough, as the end that is meant."""
    try:
        yield
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        # Python would write what is left once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
