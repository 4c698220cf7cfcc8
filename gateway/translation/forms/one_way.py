"""``only``: a value that travels in one direction, with a reason that everybody can read."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError
from gateway.translation.forms.leaf import Leaf
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.slots import Slot

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView

DIRECTIONS = ("read", "write")


class OneWay(Rule):
    """A leaf of which one direction is used.

    Reading only: a document that holds the value is not written, so nothing is left out in silence.
    Writing only: what stands on the wire is dropped, and the ledger says so.

    Attributes:
        leaf: The value.
        only: ``read`` or ``write``.
        reason: Why.
    """

    form: ClassVar[str] = "only"
    reason: str

    def __init__(self, leaf: Leaf, *, only: str, reason: str) -> None:
        required = leaf.required and only == "read"
        super().__init__(leaf.place, leaf.name, leaf.printed, required=required)
        self.leaf = leaf
        self.only = only
        self.reason = reason
        self.decides = f"{only}-only"
        self.whole = leaf.whole
        self.unusual = leaf.unusual
        self.supply = leaf.supply if only == "write" else None
        self.watches_absence = leaf.watches_absence and only == "read"

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.only == "read":
            self.leaf.read(node, obj, run)
        elif self.name != "." or node.text:
            run.note("dropped", self.place, node, self.reason)

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.only == "read":
            self.leaf.take(text, node, obj, run)
        else:
            run.note("dropped", self.place, node, self.reason, self.leaf.suffix)

    @override
    def absent(self, parent: Node, obj: dict[str, Any], run: Run) -> None:
        self.leaf.absent(parent, obj, run)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        if self.only == "write":
            self.leaf.write(obj, out, run)
        elif any(slot.get(obj) is not None for slot in self.leaf.slots()):
            raise BreachError(self.place, "one-way", f"Answers only hold this: {self.reason}")

    @override
    def slots(self) -> Iterator[Slot]:
        yield from self.leaf.slots()

    @property
    @override
    def is_supplied(self) -> bool:
        return self.only == "write" and self.leaf.is_supplied

    @override
    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        self.leaf.complete(obj, supplies)

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        yield from self.leaf.lint(schema)
        if not self.reason.strip():
            yield self.fault("`only` says why, under `reason`.")
        if self.only == "read" and self.leaf.required:
            yield self.fault(
                "What is never written is `optional`: nothing else could be read back."
            )
        if schema.is_required(self.place.pointer or "") and self.only == "write":
            yield self.fault("What is never read cannot be required in the canonical schema.")
