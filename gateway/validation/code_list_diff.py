"""What an edition of a code list has that another has not; pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import ConfigurationError
from gateway.validation.code_list import CodeList


@dataclass(frozen=True, kw_only=True, slots=True)
class CellChange:
    """A cell that the new edition words differently."""

    code: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeListDiff:
    """The differences of two editions.

    Attributes:
        added: Codes of the new edition alone, in its order.
        removed: Codes of the old edition alone, in its order.
        changed: Differing cells of the codes and columns that both have.
        columns_added: Columns of the new edition alone; their cells are not compared.
        columns_removed: Columns of the old edition alone; likewise.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[CellChange, ...]
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]

    @property
    def codes_changed(self) -> int:
        """How many codes have a differing cell."""
        return len({change.code for change in self.changed})


def compare_editions(old: CodeList, new: CodeList) -> CodeListDiff:
    """Return the differences between two editions of one list.

    Raises:
        ConfigurationError: They are editions of different lists.
    """
    if old.uri != new.uri:
        raise ConfigurationError("these are two lists, not two editions of one")
    return CodeListDiff(
        added=tuple(code for code in new.rows if code not in old.rows),
        removed=tuple(code for code in old.rows if code not in new.rows),
        changed=tuple(_changes(old, new)),
        columns_added=tuple(name for name in new.columns if name not in old.columns),
        columns_removed=tuple(name for name in old.columns if name not in new.columns),
    )


def _changes(old: CodeList, new: CodeList) -> Iterator[CellChange]:
    shared = [
        (name, position, new.columns.index(name))
        for position, name in enumerate(old.columns)
        # Both keys hold the code, which is the same by then.
        if name in new.columns and name != old.key
    ]
    for code, before in old.rows.items():
        after = new.rows.get(code)
        if after is None:
            continue
        for name, there, here in shared:
            if before[there] != after[here]:
                yield CellChange(code=code, column=name, before=before[there], after=after[here])
