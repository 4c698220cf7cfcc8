"""What every store tells of lines: who waits behind whom, and how many.

Each store has statements of these names. Kept out: how lines change (``lines``).
"""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.messaging.message import MessageId
from gateway.messaging.order import Line
from gateway.store.rows import Row, moment_or_none

ReadRows = Callable[[str, Any, Callable[[Row], Any]], Awaitable[list[Any]]]
"""Run a named statement with its values, and make a value of each row."""


@dataclass(frozen=True, slots=True)
class StoredLines:
    """A ``LineStore`` over the rows of a store."""

    rows: ReadRows

    async def blocked_by(self, waiting: Collection[MessageId]) -> Mapping[MessageId, MessageId]:
        """See ``LineStore``."""
        return dict(await self.rows("blocked_by", (json.dumps(list(waiting)),), tuple))

    async def lines(self) -> list[Line]:
        """See ``LineStore``."""
        return await self.rows("lines", (), _line_of)


def _line_of(row: Row) -> Line:
    channel, keys, waiting, held_up, held_up_since = row
    return Line(
        channel=channel,
        keys=keys,
        waiting=waiting,
        held_up=held_up,
        held_up_since=moment_or_none(held_up_since),
    )
