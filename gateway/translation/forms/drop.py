"""``drop``: a value thrown away on reading, with a reason that everybody can read."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import RulePlace
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Drop(Rule):
    """A node whose value is not carried over; ``reason`` goes to ledger and docs."""

    form: ClassVar[str] = "drop"
    repeats: ClassVar[bool] = True
    decides: str = "dropped"
    whole: bool = True
    reason: str

    def __init__(self, place: RulePlace, name: str, printed: str, *, reason: str) -> None:
        super().__init__(place, name, printed, required=False)
        self.reason = reason

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.name != "." or (node.text and not node.text.isspace()):
            run.note("dropped", self.place, node, self.reason)

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        run.note("dropped", self.place, node, self.reason, f"/{self.printed}")

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        """Nothing: what was dropped has no canonical side."""

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        if not self.reason.strip():
            yield self.fault("A `drop` says why.")
