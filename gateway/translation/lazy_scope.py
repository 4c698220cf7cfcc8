"""The scope of an element that may hold itself; compiled when a message gets that deep.

Depth is bounded by the parsers on both sides: libxml2 refuses 256 levels, the JSON parser 200.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway.translation.breach import RulePlace
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.scope import Scope


class LazyScope:
    """Stands for a ``Scope`` until it is needed; offers nothing to completion and lint."""

    def __init__(self, build: Callable[[], Scope]) -> None:
        self._build = build
        self._built: Scope | None = None
        self.completing: list[Rule] = []
        self.choices: list[Any] = []

    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """As ``Scope.read``."""
        self.scope.read(node, obj, run)

    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        """As ``Scope.write``."""
        self.scope.write(obj, out, run)

    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        """Nothing: what may repeat itself without end supplies nothing."""

    def everything(self) -> Iterator[Rule]:
        """Nothing: its rules have been seen one level up."""
        return iter(())

    @property
    def place(self) -> RulePlace:
        """The element itself."""
        return self.scope.place

    @property
    def rules(self) -> list[Rule]:
        """The rules, compiled now."""
        return self.scope.rules

    @property
    def scope(self) -> Scope:
        """The scope itself, compiled now."""
        if self._built is None:
            self._built = self._build()
        return self._built
