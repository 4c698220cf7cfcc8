"""``each``: a repeated element and a canonical array, in the same order."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.scope import Scope
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

    def __init__(  # noqa: PLR0913 - one argument for each key of the rule
        self,
        place: RulePlace,
        name: str,
        printed: str,
        *,
        scope: Scope | LazyScope,
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
        items = self.slot.get(obj)
        if items is None:
            items = []
            self.slot.put(obj, items)
        outer, run.position = run.position, len(items) + 1
        run.at.append(len(items))
        deferred = len(run.deferred)
        item: dict[str, Any] = {}
        try:
            self.scope.read(node, item, run)
            if self.scalar:
                self._check_item(item, node)
        except BreachError as breach:
            breach.indices.insert(0, len(items))
            raise
        for later in run.deferred[deferred:]:
            later.indices.insert(0, len(items))
        run.position = outer
        run.at.pop()
        items.append(item[ITEM] if self.scalar else item)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        items = self.slot.get(obj)
        if items is None:
            if self.required:
                raise BreachError(self.place, "required", "The authority's format requires one.")
            return
        if type(items) is not list or not items:
            raise BreachError(self.place, "min-items", "Expected an array of at least one item.")
        outer = run.position
        index = 0
        run.at.append(0)
        try:
            for index, item in enumerate(items):
                run.position = index + 1
                run.at[-1] = index
                self.scope.write({ITEM: item} if self.scalar else self._object(item), out, run)
        except BreachError as breach:
            breach.indices.insert(0, index)
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
        pointer = self.place.pointer or ""
        if not schema.has(pointer):
            yield self.fault("The canonical schema has no such field.", "unknown-field")
        elif not schema.is_filled_array(pointer):
            yield self.fault("The canonical field must be an array with `minItems` of at least 1.")

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
