"""``zip``: parallel lists of elements, carried as one array; the first belongs to the first."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.forms.each import filled_array_faults, items_of
from gateway.translation.forms.leaf import Leaf
from gateway.translation.ledger import Run
from gateway.translation.rule import Lists, Node, Rule
from gateway.translation.slots import Slot

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Zip(Lists):
    """Lists of equal length; another length on the wire is refused.

    Attributes:
        slot: The canonical array; absent while the lists are, never empty.
        columns: The lists, in the order of the wire.
    """

    form: ClassVar[str] = "zip"
    unusual: bool = True

    def __init__(self, place: RulePlace, *, slot: Slot, required: bool) -> None:
        super().__init__(place, "", "", required=required)
        self.slot = slot
        self.columns: list[Column] = []

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """Never called: each list stands in the table of the scope itself."""

    @override
    def settle(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        lists = run.lists.pop((id(self), id(obj)), None)
        if lists is None:
            return
        lengths = [len(items) for items in lists]
        if len(set(lengths)) > 1:
            raise BreachError(
                self.place, "zip", f"Parallel lists have {min(lengths)} to {max(lengths)} items.",
                node=node,
            )  # fmt: skip
        rows = zip(*lists, strict=True)
        self.slot.put(obj, [{k: v for part in row for k, v in part.items()} for row in rows])

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        items = items_of(self, self.slot, obj)
        for column in self.columns:
            for index, item in enumerate(items):
                column.write_item(item, index, out, run)

    @override
    def slots(self) -> Iterator[Slot]:
        yield self.slot

    @override
    def rules_below(self) -> Iterator[Rule]:
        for column in self.columns:
            yield column.leaf

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        yield from filled_array_faults(self, schema)
        if len(self.columns) < 2:  # noqa: PLR2004 - one list is an `each`
            yield self.fault("`zip` names two lists at least.")
        for column in self.columns:
            if not column.leaf.required or column.leaf.key is None:
                yield column.leaf.fault("A list of `zip` has a value in each item, at its top.")


class Column(Rule):
    """One of the lists: stands for its elements in the table of the scope.

    Attributes:
        leaf: The value of one element; it fills the item.
        of: The zip.
        number: Position among the lists, from 0.
    """

    form: ClassVar[str] = "zip"
    repeats: ClassVar[bool] = True
    unusual: bool = True

    def __init__(self, leaf: Leaf, *, of: Zip, number: int) -> None:
        super().__init__(leaf.place, leaf.name, leaf.printed, required=of.required)
        self.leaf = leaf
        self.of = of
        self.number = number

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        lists = run.lists.setdefault((id(self.of), id(obj)), [[] for _ in self.of.columns])
        items = lists[self.number]
        item: dict[str, Any] = {}
        run.at.append(len(items))
        try:
            self.leaf.read(node, item, run)
        except BreachError as breach:
            breach.inside(len(items))
            raise
        run.at.pop()
        items.append(item)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        """Nothing: the zip writes its lists."""

    def write_item(self, item: Any, index: int, out: list[str], run: Run) -> None:
        """Write the element of one item."""
        run.at.append(index)
        try:
            self.leaf.write(item if type(item) is dict else {}, out, run)
        except BreachError as breach:
            breach.inside(index)
            raise
        run.at.pop()

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        return iter(())
