"""``each``: a repeated element and a canonical array, in the same order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.forms.group import AnyScope
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.slots import ITEM, Slot

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Each(Rule):
    """A repeated element.

    Attributes:
        scope: The rules inside one repeat.
        slot: The canonical array; absent while there is no repeat, never empty.
        scalar: Whether the items are values instead of objects.
        supply: Name under which completion finds the whole array.
    """

    form: ClassVar[str] = "each"
    repeats: ClassVar[bool] = True
    decides: str = ""

    def __init__(  # noqa: PLR0913 - one argument for each key of the rule
        self,
        place: RulePlace,
        name: str,
        printed: str,
        *,
        scope: AnyScope,
        slot: Slot,
        scalar: bool,
        required: bool,
        supply: str | None = None,
    ) -> None:
        super().__init__(place, name, printed, required=required)
        self.scope = scope
        self.slot = slot
        self.scalar = scalar
        self.supply = supply

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        with new_item(self.slot, obj, run, scalar=self.scalar) as item:
            self.scope.read(node, item, run)
            if self.scalar:
                self._check_item(item, node)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        items = items_of(self, self.slot, obj)
        outer = run.position
        index = 0
        run.at.append(0)
        try:
            for index, item in enumerate(items):
                run.position = index + 1
                run.at[-1] = index
                self.scope.write({ITEM: item} if self.scalar else self._object(item), out, run)
        except BreachError as breach:
            breach.inside(index)
            raise
        run.position = outer
        run.at.pop()

    @override
    def slots(self) -> Iterator[Slot]:
        yield self.slot

    @property
    @override
    def is_supplied(self) -> bool:
        return self.supply is not None or bool(self.scope.completing)

    @override
    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        items = self.slot.get(obj)
        if items is None and not self.slot.is_open(obj):
            return
        if items is None and self.supply is not None:
            items = supplies.get(self.supply)
        if not items or type(items) is not list:
            return
        if self.scope.completing and not self.scalar:
            items = [self._completed(item, supplies) for item in items]
        self.slot.copied(obj)
        self.slot.put(obj, items)

    @override
    def rules_below(self) -> Iterator[Rule]:
        return self.scope.everything()

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        return filled_array_faults(self, schema)

    def _check_item(self, item: dict[str, Any], node: Node) -> None:
        if ITEM not in item:
            raise BreachError(self.scope.place, "required", "The item is missing.", node=node)

    def _object(self, item: Any) -> dict[str, Any]:
        if type(item) is not dict:
            raise BreachError(self.place, "type", "Expected an object.")
        return item

    def _completed(self, item: Any, supplies: Mapping[str, Any]) -> Any:
        if type(item) is not dict:
            return item
        filled = dict(item)
        self.scope.complete(filled, supplies)
        return filled


@contextmanager
def new_item(
    slot: Slot, obj: dict[str, Any], run: Run, *, scalar: bool = False, number: int | None = None
) -> Iterator[dict[str, Any]]:
    """The object for one more item of an array; it is added when the block ends.

    Args:
        slot: The array; made when it gets its first item.
        obj: The object that holds it.
        run: The translation under way.
        scalar: Whether the item is the value at ``ITEM`` of the object.
        number: Position among the elements of its name, from 0; None: the index in the array.
    """
    items = slot.get(obj)
    if items is None:
        items = []
        slot.put(obj, items)
    index = len(items)
    number = index if number is None else number
    outer, run.position = run.position, index + 1
    run.at.append(number)
    deferred = len(run.deferred)
    item: dict[str, Any] = {}
    try:
        yield item
    except BreachError as breach:
        breach.inside(index, number)
        raise
    for later in run.deferred[deferred:]:
        later.inside(index, number)
    run.position = outer
    run.at.pop()
    items.append(item[ITEM] if scalar else item)


def items_of(rule: Rule, slot: Slot, obj: Mapping[str, Any]) -> list[Any]:
    """The items that a rule writes; none where the array is absent and may be.

    Raises:
        BreachError: A required array is absent, or it is no array, or an empty one.
    """
    items = slot.get(obj)
    if items is None:
        if rule.required:
            raise BreachError(rule.place, "required", "The authority's format requires one.")
        return []
    if type(items) is not list or not items:
        raise BreachError(rule.place, "min-items", "Expected an array of at least one item.")
    return items


def filled_array_faults(rule: Rule, schema: "SchemaView") -> Iterator[Place]:
    """What is wrong with the canonical side of a rule that fills an array."""
    pointer = rule.place.pointer or ""
    if not schema.has(pointer):
        yield rule.fault("The canonical schema has no such field.", "unknown-field")
    elif not schema.is_filled_array(pointer):
        yield rule.fault("The canonical field must be an array with `minItems` of at least 1.")
