"""What this process knows of the messages it works on, so that a step need not read them first.

A step is planned on a row and carried out only where the database still has the same head, so a row
that is out of date costs a second look and nothing else.
"""

from gateway.store.rows import Row

MOST = 10_000
"""Rows that are kept; far more than messages can be under way in one process."""


class Heads:
    """Rows of the table ``messages`` by the id of the message."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def keep(self, row: Row) -> None:
        """Remember a row; the oldest one is forgotten when there are too many."""
        self._rows.pop(row[1], None)
        self._rows[row[1]] = row
        if len(self._rows) > MOST:
            del self._rows[next(iter(self._rows))]

    def get(self, message_id: str) -> Row | None:
        """The row as it was last seen, or None."""
        return self._rows.get(message_id)

    def forget(self, message_id: str) -> None:
        """Read the row anew next time."""
        self._rows.pop(message_id, None)
