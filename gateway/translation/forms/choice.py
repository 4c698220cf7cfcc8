"""``choice``: exactly one of several branches; the wire nodes select, or the canonical tag."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.ledger import Run
from gateway.translation.rule import Alternatives, Node
from gateway.translation.slots import Slot

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Choice(Alternatives):
    """Branches of which one is taken; stands in its scope where its branches stand.

    Attributes:
        tag: Canonical field that names the branch.
        branches: By tag value.
    """

    form: ClassVar[str] = "choice"
    decides: str = ""

    def __init__(self, place: RulePlace, *, tag: Slot, required: bool) -> None:
        super().__init__(place, ".", ".", required=required)
        self.tag = tag
        self.branches = {}

    @override
    def settle(self, node: Node, obj: dict[str, Any], run: Run, found: int) -> None:
        value = self.tag.get(obj)
        if value is None:
            self._none_taken(node, obj)
            return
        branch = self.branches[value]
        missing = branch.required & ~found
        if missing:
            rule = next(rule for rule in branch.rules if rule.bit & missing)
            raise BreachError(
                rule.place,
                "required",
                f"The required {rule.kind} `{rule.printed}` is missing.",
                node=node,
                suffix=f"/{rule.printed}",
            )
        for rule in branch.rules:
            if rule.watches_absence and not rule.bit & found:
                rule.absent(node, obj, run)

    def _none_taken(self, node: Node, obj: dict[str, Any]) -> None:
        otherwise = next((b for b in self.branches.values() if not b.rules), None)
        if otherwise is not None:
            self.tag.put(obj, otherwise.value)
        elif self.required:
            raise BreachError(self.place, "choice", "None of the alternatives is there.", node=node)

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """Nothing: the rules of the branches stand in the scope's tables themselves."""

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        value = self.tag.get(obj)
        if value is None:
            if self.required:
                raise BreachError(self.place, "required", "The tag that names a branch is missing.")
            return
        branch = self.branches.get(value) if type(value) is str else None
        if branch is None:
            raise BreachError(self.place, "choice", "The authority's format has no such branch.")
        before = len(out)
        for rule in branch.rules:
            rule.write(obj, out, run)
        if branch.rules and len(out) == before:
            raise BreachError(
                self.place, "choice", "No element would tell on the wire which branch this is."
            )

    @property
    @override
    def is_supplied(self) -> bool:
        return any(rule.is_supplied for b in self.branches.values() for rule in b.rules)

    @override
    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        value = self.tag.get(obj)
        branch = self.branches.get(value) if type(value) is str else None
        for rule in branch.rules if branch is not None else ():
            rule.complete(obj, supplies)

    @override
    def slots(self) -> Iterator[Slot]:
        yield self.tag

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        pointer = self.place.pointer or ""
        values = schema.tags(pointer)
        if values is None:
            yield self.fault("The canonical tag needs `oneOf` branches with a `const` each.")
            return
        for value in sorted(values - self.branches.keys()):
            yield self.fault(f"No branch writes the canonical alternative `{value}`.")
        for value in sorted(self.branches.keys() - values):
            yield self.fault(f"The canonical schema has no alternative `{value}`.")
