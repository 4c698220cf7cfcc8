"""``computed``: a count, sum, index or length; written by us, verified when it is read."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.content import Content
from gateway.translation.forms.leaf import inside_refused
from gateway.translation.ledger import Deferred, Run
from gateway.translation.rule import Node, Rule
from gateway.translation.slots import Slot
from gateway.translation.values import VALUE_TYPES, ValueBreachError
from gateway.translation.wire.escape import escape_attribute, escape_text

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView

FUNCTIONS = ("count", "sum", "index", "length")

_DECIMAL = VALUE_TYPES["decimal"]


class Computed(Rule):
    """A number that follows from the rest of the document.

    Attributes:
        function: One of ``FUNCTIONS``.
        slot: Array to count or sum, text to measure; None for ``index``.
        member: Field of each item to sum; None: the items themselves.
        content: Its type on the wire.
    """

    form: ClassVar[str] = "computed"
    unusual: bool = True
    decides: str = "computed"

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
        self.watches_absence = not required

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.name != "." and (len(node) or node.keys()):
            raise inside_refused(self, node)
        self.take(node.text or "", node, obj, run)

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        try:
            said, _ = self.content.read(text)
        except ValueBreachError as error:
            raise self._refused(error.keyword, error.detail, node) from None
        position = run.position

        def check() -> BreachError | None:
            number = self._value(obj, position)
            if Decimal(said) == number:
                if self.content.print(self._spelt(number)) != text:
                    run.note(
                        "normalised", self.place, node, "same number, other spelling", self._suffix
                    )
                return None
            return self._refused("computed", "The number does not agree with the rest.", node)

        # What it counts may come later in the message, so it is verified at the end.
        run.deferred.append(Deferred(check=check))
        run.computed += 1

    @override
    def absent(self, parent: Node, obj: dict[str, Any], run: Run) -> None:
        run.note("normalised", self.place, parent, "computed value, left out", f"/{self.printed}")

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        number = self._value(obj, run.position)
        try:
            text = self.content.print(self._spelt(number))
        except ValueBreachError as error:
            raise BreachError(self.place, error.keyword, error.detail) from None
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
        member = "/*" + self.member.pointer if self.member is not None else ""
        if not schema.has(pointer + member):
            yield self.fault("The canonical schema has no such field to compute from.")
        elif self.function != "length" and not schema.is_filled_array(pointer):
            yield self.fault(f"`{self.function}` needs an array that is never empty.")

    def _value(self, obj: Mapping[str, Any], position: int) -> Decimal:
        if self.slot is None:
            return Decimal(position)
        value = self.slot.get(obj)
        if self.function == "sum":
            return sum((self._amount(item) for item in value or ()), Decimal(0))
        return Decimal(len(value or ()))

    def _amount(self, item: Any) -> Decimal:
        value = item if self.member is None else self.member.get(item)
        if value is None:
            return Decimal(0)
        try:
            return Decimal(value) if type(value) is int else Decimal(_DECIMAL.print(value))
        except ValueBreachError as error:
            raise BreachError(self.place, error.keyword, error.detail) from None

    def _spelt(self, number: Decimal) -> Any:
        if self.content.type.name != "integer":
            return format(number, "f")
        if number != int(number):
            raise ValueBreachError("type", "The sum is no integer.")
        return int(number)

    @property
    def _suffix(self) -> str:
        return f"/{self.printed}" if self.name[0] == "@" else ""

    def _refused(self, keyword: str, detail: str, node: Node) -> BreachError:
        return BreachError(self.place, keyword, detail, node=node, suffix=self._suffix)
