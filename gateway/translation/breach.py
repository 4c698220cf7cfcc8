"""How a rule says that it cannot go on, and how the place is found without cost on the way.

A compiled rule knows its place on both sides as a template in which repeats are ``*``. A breach
travels up through the ``each`` rules, which put in the numbers; nothing is tracked before one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from gateway.errors import Place

_MARK = re.compile(r"(?<=[\[/])[*~](?=[\]/]|\Z)")
"""A repeat in a template: ``*`` in a pointer, ``[*]`` or ``[~]`` in a path."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RulePlace:
    """Where a rule stands, and what it is about on both sides.

    Attributes:
        rule: Map file and line.
        pointer: JSON Pointer template, ``/contacts/*/note``; None: no canonical side.
        wire: XPath template, ``/x:root/leser/erreichbarkeit[*]/zusatz``; ``[~]`` for a repeat whose
            position is not its index in the array.
        mark: What the paths of the elements directly inside end with: they repeat.
        cases: The same path with the constants of ``where`` around it; empty: there are none.
    """

    rule: str
    pointer: str | None
    wire: str
    mark: str = ""
    cases: str = ""

    def at(
        self,
        indices: Sequence[int | None],
        *,
        keyword: str,
        detail: str,
        wire: str | None = None,
        numbers: list[int] | None = None,
    ) -> Place:
        """The place with its repeats numbered: from 0 in the pointer, from 1 in the path.

        Args:
            indices: Of the repeats around, in their arrays; None: not known.
            keyword: What is wrong there.
            detail: The same in words.
            wire: The path, where it is known exactly.
            numbers: Of the repeats around, among the elements of their names; None: not known where
                they may differ from the indices.
        """
        path = _numbered(self.wire, indices, first=1) if numbers is None else self.wire_at(numbers)
        return Place(
            keyword=keyword,
            detail=detail,
            pointer=None if self.pointer is None else _numbered(self.pointer, indices, first=0),
            wire=path if wire is None else wire,
            rule=self.rule,
        )

    def wire_at(self, numbers: list[int]) -> str:
        """The wire path with its repeats numbered from 1."""
        return _numbered(self.wire.replace("[~]", "[*]"), numbers, first=1)

    def kept_at(self, numbers: list[int]) -> str:
        """Where something is kept beside the document: no two rules share such a path."""
        path = self.cases or self.wire
        return _numbered(path.replace("[~]", "[*]"), numbers, first=1)

    def repeated(self) -> "RulePlace":
        """The place of one of its repeats."""
        return RulePlace(
            rule=self.rule,
            pointer=f"{self.pointer}/*",
            wire=f"{self.wire}[*]",
            cases=self.step("[*]"),
        )

    def told_apart(self, mark: str, value: str) -> "RulePlace":
        """The same place, with a constant of ``where``; escaped, so that it holds no repeat."""
        return replace(self, cases=f"{self.cases or self.wire}[{mark}='{quote(value, safe='')}']")

    def step(self, end: str) -> str:
        """The ``cases`` of a place further in; empty where there are none around it."""
        return f"{self.cases}{end}" if self.cases else ""


class BreachError(Exception):
    """A rule cannot go on; becomes a ``Place`` once all repeats are numbered.

    Attributes:
        node: The wire node at hand when reading, for its exact path; None when writing.
        suffix: Step from that node to the thing meant, ``/@test``.
        attribute: Name of the attribute of that node that is meant, where no rule knows it.
        leftover: Whether the value is sound but no rule mentions it.
    """

    def __init__(  # noqa: PLR0913 - what is known of a place differs from rule to rule
        self,
        place: RulePlace,
        keyword: str,
        detail: str,
        *,
        node: Any = None,
        suffix: str = "",
        attribute: str | None = None,
        leftover: bool = False,
    ) -> None:
        super().__init__(detail)
        self.place = place
        self.keyword = keyword
        self.detail = detail
        self.node = node
        self.suffix = suffix
        self.attribute = attribute
        self.leftover = leftover
        self.indices: list[int] = []
        self.numbers: list[int] = []

    def inside(self, index: int, number: int | None = None) -> None:
        """Note the repeat around it: index in the array, position among elements of its name."""
        self.indices.insert(0, index)
        self.numbers.insert(0, index if number is None else number)


def _numbered(template: str, indices: Sequence[int | None], *, first: int) -> str:
    left = iter(indices)

    def number(mark: re.Match[str]) -> str:
        index = next(left, None)
        return "*" if index is None or mark[0] == "~" else str(index + first)

    return _MARK.sub(number, template)
