"""``computed``: a count, sum, index or length; written by us, verified when it is read."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.content import Content
from gateway.translation.forms.leaf import inside_refused
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.slots import Slot
from gateway.translation.values import ValueBreachError
from gateway.translation.wire.escape import escape_attribute, escape_text

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView

FUNCTIONS = ("count", "sum", "index", "length")


class Computed(Rule):
    """A number that follows from the rest of the document.

    Attributes:
        function: One of ``FUNCTIONS``.
        slot: Array to count or sum, text to measure; None for ``index``.
        member: Field of each item to sum; None: the items themselves.
        content: Its type on the wire.
    """

    form: ClassVar[str] = "computed"

    def __init__(  # noqa: PLR0913 - one argument for each key of the rule
        self,
        place: RulePlace,
        name: str,
        printed: str,
        *,
        function: str,
        slot: Slot | None,
        member: Slot | None,
        content: Content,
        required: bool,
    ) -> None:
        super().__init__(place, name, printed, required=required)
        self.function = function
        self.slot = slot
        self.member = member
        self.content = content

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.name[0] == "@":
            text = node.get(self.name[1:])
        elif self.name != "." and (len(node) or node.keys()):
            raise inside_refused(self, node)
        else:
            text = node.text or ""
        try:
            said, respelt = self.content.read(text)
        except ValueBreachError as error:
            raise BreachError(self.place, error.keyword, error.detail, node=node) from None
        if respelt:
            run.note("normalised", self.place, node, "same value, other spelling")
        position = run.position

        def verify() -> None:
            if Decimal(said) != self._value(obj, position):
                raise BreachError(
                    self.place, "computed", "The number does not agree with the rest.", node=node
                )

        # What it counts may come later in the message, so it is verified at the end.
        run.deferred.append(verify)
        run.computed += 1

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        number = self._value(obj, run.position)
        value: Any = int(number) if self.content.type.name == "integer" else str(number)
        text = self.content.print(value)
        run.computed += 1
        if self.name[0] == "@":
            out.append(f' {self.printed[1:]}="{escape_attribute(text)}"')
        elif self.name == ".":
            out.append(escape_text(text))
        else:
            out.append(f"<{self.printed}>{escape_text(text)}</{self.printed}>")

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        if self.slot is None:
            return
        pointer = (self.place.pointer or "") + self.slot.pointer
        if not schema.has(pointer):
            yield self.fault("The canonical schema has no such field to compute from.")

    def _value(self, obj: Mapping[str, Any], position: int) -> Decimal:
        if self.slot is None:
            return Decimal(position)
        value = self.slot.get(dict(obj))
        if self.function == "sum":
            return sum((self._amount(item) for item in value or ()), Decimal(0))
        return Decimal(len(value or ()))

    def _amount(self, item: Any) -> Decimal:
        value = item if self.member is None else self.member.get(item)
        return Decimal(0) if value is None else Decimal(value)
