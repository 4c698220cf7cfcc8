"""One edition of a code list, as values. Reading it from a file is done by ``genericode``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeList:
    """One edition of a code list.

    Attributes:
        uri: Canonical URI, the same for all editions.
        version: As published, e.g. ``2.4`` or ``2026-04-30``; says nothing about the order.
        name: What it is called, for people.
        valid_from: First day of validity; None where the publisher does not say.
        columns: Names of the columns in their order.
        key: Name of the column that holds the code.
        rows: Cells of each code, in the order of ``columns``; a cell without a value is ``""``.
    """

    uri: str
    version: str
    name: str
    valid_from: date | None
    columns: tuple[str, ...]
    key: str
    rows: Mapping[str, tuple[str, ...]]

    def row(self, code: str) -> dict[str, str]:
        """The cells of a code by column, those without a value left out.

        Raises:
            KeyError: There is no such code.
        """
        cells = zip(self.columns, self.rows[code], strict=True)
        return {column: cell for column, cell in cells if cell}
