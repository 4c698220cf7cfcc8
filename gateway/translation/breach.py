"""How a rule says that it cannot go on, and how the place is found without cost on the way.

A compiled rule knows its place on both sides as a template in which repeats are ``*``. A breach
travels up through the ``each`` rules, which put in the numbers; nothing is tracked before one.
"""

from dataclasses import dataclass
from typing import Any

from gateway.errors import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class RulePlace:
    """Where a rule stands, and what it is about on both sides.

    Attributes:
        rule: Map file and line.
        pointer: JSON Pointer template, ``/contacts/*/note``; None: no canonical side.
        wire: XPath template, ``/x:root/leser/erreichbarkeit[*]/zusatz``.
    """

    rule: str
    pointer: str | None
    wire: str

    def at(
        self, indices: list[int], *, keyword: str, detail: str, wire: str | None = None
    ) -> Place:
        """The place with its repeats numbered: from 0 in the pointer, from 1 in the path."""
        return Place(
            keyword=keyword,
            detail=detail,
            pointer=None if self.pointer is None else _numbered(self.pointer, indices, first=0),
            wire=wire if wire is not None else self.wire_at(indices),
            rule=self.rule,
        )

    def wire_at(self, indices: list[int]) -> str:
        """The wire path with its repeats numbered from 1."""
        return _numbered(self.wire, indices, first=1)


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


def _numbered(template: str, indices: list[int], *, first: int) -> str:
    parts = template.split("*")
    numbers = [str(index + first) for index in indices[: len(parts) - 1]]
    numbers += ["*"] * (len(parts) - 1 - len(numbers))
    return "".join(part + number for part, number in zip(parts, [*numbers, ""], strict=True))
