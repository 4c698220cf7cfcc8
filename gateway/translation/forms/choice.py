"""``choice``: exactly one of several branches; the wire nodes select, or the canonical tag."""

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


class Branch:
    """One branch: the tag value that names it and the rules that it consists of.

    Attributes:
        value: Value of the tag.
        rules: Its rules; none of them: the branch without wire nodes (``otherwise``).
        required: Bits of the rules that must be there once the branch is entered.
    """

    __slots__ = ("choice", "required", "rules", "value")

    def __init__(self, choice: "Choice", value: str, rules: list[Rule]) -> None:
        self.choice = choice
        self.value = value
        self.rules = rules
        self.required = 0

    def enter(self, node: Node, obj: dict[str, Any]) -> None:
        """Remember in the tag that this branch was found, and refuse a second one."""
        known = self.choice.tag.get(obj)
        if known is None:
            self.choice.tag.put(obj, self.value)
        elif known != self.value:
            raise BreachError(
                self.choice.place,
                "second-branch",
                "The element belongs to another branch than the one begun before it.",
                node=node,
            )


class Choice(Rule):
    """Branches of which one is taken; stands in its scope where its branches stand.

    Attributes:
        tag: Canonical field that names the branch.
        branches: By tag value.
    """

    form: ClassVar[str] = "choice"

    def __init__(self, place: RulePlace, *, tag: Slot, required: bool) -> None:
        super().__init__(place, ".", ".", required=required)
        self.tag = tag
        self.branches: dict[str, Branch] = {}

    def settle(self, node: Node, obj: dict[str, Any], found: int) -> None:
        """After its element is read: a branch must have been taken, and be complete."""
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
        value = self.tag.get(obj)  # type: ignore[arg-type]  # read only
        if value is None:
            if self.required:
                raise BreachError(self.place, "required", "The tag that names a branch is missing.")
            return
        branch = self.branches.get(value) if type(value) is str else None
        if branch is None:
            raise BreachError(self.place, "choice", "The authority's format has no such branch.")
        for rule in branch.rules:
            rule.write(obj, out, run)

    @property
    @override
    def is_supplied(self) -> bool:
        return any(rule.is_supplied for b in self.branches.values() for rule in b.rules)

    @override
    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        branch = self.branches.get(self.tag.get(obj))
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
