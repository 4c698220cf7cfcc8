"""``where``: among nodes of the same name, pick by a constant that they carry."""

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from gateway.translation.breach import BreachError
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule


class Where(Rule):
    """Several rules of one name; stands for them in the table of its scope.

    Attributes:
        marks: Clark name of the attribute (``@…``) or child that tells them apart.
        cases: Constant to rule; the rules themselves check and write the constant.
    """

    form: ClassVar[str] = "where"
    picks: ClassVar[bool] = True
    decides: str = ""

    def __init__(self, first: Rule, marks: str) -> None:
        super().__init__(first.place, first.name, first.printed, required=False)
        self.marks = marks
        self.cases: dict[str, Rule] = {}
        self.plain = False

    @override
    def pick(self, node: Node) -> Rule | None:
        mark = self.marks
        said = node.get(mark[1:]) if mark.startswith("@") else node.findtext(mark)
        return None if said is None else self.cases.get(said)

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """Never called: the picked rule reads."""
        raise BreachError(self.place, "where", "No declared constant tells this node apart.")

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        """Nothing: each case stands in the sequence itself."""
