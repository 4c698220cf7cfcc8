"""``each`` with a ``choice`` inside and no ``wire``: elements of several names, in any order.

They become one array of tagged objects in the order of the wire. Which object is which element says
the tag; the position of an element among those of its own name is not its index in the array.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.forms.each import filled_array_faults, items_of, new_item
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.slots import Slot

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class EachOf(Rule):
    """A repeated choice.

    Attributes:
        slot: The canonical array; absent while there is no element, never empty.
        tag: Field of an item that names its element.
        turns: By tag value.
    """

    form: ClassVar[str] = "each"
    repeats: ClassVar[bool] = True
    unusual: bool = True

    def __init__(self, place: RulePlace, *, slot: Slot, tag: Slot, required: bool) -> None:
        super().__init__(place, "", "", required=required)
        self.slot = slot
        self.tag = tag
        self.turns: dict[str, Turn] = {}

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """Never called: each turn stands in the table of the scope itself."""

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        items = items_of(self, self.slot, obj)
        seen: dict[str, int] = {}
        outer = run.position
        for index, item in enumerate(items):
            value = self.tag.get(item) if type(item) is dict else None
            turn = self.turns.get(value) if type(value) is str else None
            if turn is None:
                raise self._unknown(index)
            number = seen.get(turn.name, 0)
            seen[turn.name] = number + 1
            run.at.append(number)
            run.position = index + 1
            try:
                turn.write_item(item, out, run)
            except BreachError as breach:
                breach.inside(index, number)
                raise
            run.at.pop()
        run.position = outer

    def _unknown(self, index: int) -> BreachError:
        place = RulePlace(
            rule=self.place.rule,
            pointer=f"{self.place.pointer}/*{self.tag.pointer}",
            wire=self.place.wire,
        )
        breach = BreachError(place, "choice", "The format has no element for this.")
        breach.inside(index)
        return breach

    @override
    def slots(self) -> Iterator[Slot]:
        yield self.slot

    @property
    @override
    def is_supplied(self) -> bool:
        return any(turn.inner.is_supplied for turn in self.turns.values())

    @override
    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        items = self.slot.get(obj)
        if type(items) is list and items:
            self.slot.copied(obj)
            self.slot.put(obj, [self._completed(item, supplies) for item in items])

    def _completed(self, item: Any, supplies: Mapping[str, Any]) -> Any:
        value = self.tag.get(item) if type(item) is dict else None
        turn = self.turns.get(value) if type(value) is str else None
        if turn is None:
            return item
        filled = dict(item)
        turn.inner.complete(filled, supplies)
        return filled

    @override
    def rules_below(self) -> Iterator[Rule]:
        for turn in self.turns.values():
            yield turn.inner
            yield from turn.inner.rules_below()

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        yield from filled_array_faults(self, schema)
        known = schema.tags(f"{self.place.pointer}/*{self.tag.pointer}")
        if known is None:
            yield self.fault("The items need `oneOf` branches with a `const` tag each.")
            return
        for value in sorted(known ^ self.turns.keys()):
            yield self.fault(f"Only one side knows the alternative `{value}`.")


class Turn(Rule):
    """One of the elements: stands for it in the table of the scope.

    Attributes:
        inner: The rule of the element; it fills the item.
        of: The repeated choice.
        value: Value of the tag.
    """

    form: ClassVar[str] = "each"
    repeats: ClassVar[bool] = True
    unusual: bool = True

    def __init__(self, inner: Rule, *, of: EachOf, value: str) -> None:
        super().__init__(inner.place, inner.name, inner.printed, required=False)
        self.inner = inner
        self.of = of
        self.value = value
        self.order = of.order
        self.bit = of.bit

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        key = id(self), id(obj)
        number = run.counts[key] = run.counts.get(key, -1) + 1
        with new_item(self.of.slot, obj, run, number=number) as item:
            self.of.tag.put(item, self.value)
            self.inner.read(node, item, run)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        """Nothing: the repeated choice writes its items in their order."""

    def write_item(self, item: Mapping[str, Any], out: list[str], run: Run) -> None:
        """Write the element of one item; there must be one."""
        before = len(out)
        self.inner.write(item, out, run)
        if len(out) == before:
            raise BreachError(self.inner.place, "required", "No element would stand for this item.")
