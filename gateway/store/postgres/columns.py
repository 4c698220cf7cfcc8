"""Rows as columns: statements that write many rows take one array a column."""

from collections.abc import Sequence

from gateway.store.rows import Row


def columns(rows: Sequence[Row], width: int) -> list[Sequence[object]]:
    """The columns of rows that all have ``width`` values; of none, as many empty ones."""
    return list(zip(*rows, strict=True)) if rows else [()] * width
