"""``unsupported``: what one side can say and the other cannot; refused with the reason, never lost.

On the canonical side it keeps a search criterion that an authority cannot take from widening the
search in silence; on the wire side it names a block that the canonical document has no place for.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.slots import Slot

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Unsupported(Rule):
    """A canonical field without a wire node, a wire node without a field, or both.

    Attributes:
        slot: The canonical field that is refused on writing; None: there is none.
        reason: Why, for refusals and docs.
    """

    form: ClassVar[str] = "unsupported"
    repeats: ClassVar[bool] = True
    decides: str = "unsupported"
    whole: bool = True
    reason: str

    def __init__(
        self, place: RulePlace, name: str, printed: str, *, slot: Slot | None, reason: str
    ) -> None:
        super().__init__(place, name, printed, required=False)
        self.slot = slot
        self.reason = reason

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.name != "." or (node.text and not node.text.isspace()):
            raise BreachError(self.place, "unsupported", self.reason, node=node, leftover=True)

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        raise BreachError(
            self.place,
            "unsupported",
            self.reason,
            node=node,
            suffix=f"/{self.printed}",
            leftover=True,
        )

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        if self.slot is not None and self.slot.get(obj) is not None:
            raise BreachError(self.place, "unsupported", self.reason)

    @override
    def slots(self) -> Iterator[Slot]:
        if self.slot is not None:
            yield self.slot

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        if not self.reason.strip():
            yield self.fault("`unsupported` says why.")
        if self.slot is not None and not schema.has(self.place.pointer or ""):
            yield self.fault("The canonical schema has no such field.", "unknown-field")
        elif self.slot is not None and schema.is_required(self.place.pointer or ""):
            yield self.fault("A required field cannot be unsupported: no document would be taken.")
