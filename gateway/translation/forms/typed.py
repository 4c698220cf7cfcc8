"""The rules inside an element whose attribute says which of several kinds it is (``on:``).

With ``on: "@xsi:type"`` the type names are compared as expanded names: which prefix a message uses
does not matter (W3C XML Schema 1.0 Part 1 §2.6.1). Kept out: where such an element stands.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.forms.choice import Choice
from gateway.translation.ledger import Run
from gateway.translation.rule import Branch, Node, Rule
from gateway.translation.scope import Scope

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class TypedScope:
    """Stands for one ``Scope`` of several: the one that the attribute, or the tag, names.

    Attributes:
        choice: Its tag, and its branches for lint.
        branches: Tag value to the rules of that kind.
    """

    text: ClassVar[Rule | None] = None

    def __init__(self, choice: Choice, mark: str, printed: str) -> None:
        self.choice = choice
        self.branches: dict[str, Scope] = {}
        self._mark = mark
        self._printed = printed
        self._said: dict[str | None, str] = {}
        self.rules: list[Rule] = []
        self.choices = [choice]

    def add(self, value: str, said: str | None, scope: Scope) -> None:
        """Add a kind: its tag value, what the attribute says (None: it is absent), its rules."""
        self._said[said] = value
        self.branches[value] = scope
        self.choice.branches[value] = Branch(self.choice, value, list(scope.rules))

    def knows(self, said: str | None) -> bool:
        """Whether a kind has this mark already."""
        return said in self._said

    def kind_of(self, node: Node) -> str | None:
        """The tag value for an element; None: no rule is about elements of its kind."""
        text = node.get(self._mark)
        said = expanded(text, node) if text is not None and self._mark == XSI_TYPE else text
        return self._said.get(said)

    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """As ``Scope.read``."""
        value = self.kind_of(node)
        if value is None:
            raise BreachError(
                self.choice.place,
                "choice",
                "No rule is about elements of this kind.",
                node=node,
                suffix="" if node.get(self._mark) is None else f"/{self._printed}",
                leftover=True,
            )
        self.choice.tag.put(obj, value)
        self.branches[value].read(node, obj, run)

    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        """As ``Scope.write``."""
        value = self.choice.tag.get(obj)
        scope = self.branches.get(value) if type(value) is str else None
        if scope is None:
            keyword = "required" if value is None else "choice"
            raise BreachError(self.choice.place, keyword, "The tag names no kind of element.")
        scope.write(obj, out, run)

    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        """As ``Scope.complete``."""
        value = self.choice.tag.get(obj)
        scope = self.branches.get(value) if type(value) is str else None
        if scope is not None:
            scope.complete(obj, supplies)

    def everything(self) -> Iterator[Rule]:
        """As ``Scope.everything``."""
        yield self.choice
        for scope in self.branches.values():
            yield from scope.everything()

    @property
    def completing(self) -> list[Rule]:
        """Rules with something to complete, of all kinds."""
        return [rule for scope in self.branches.values() for rule in scope.completing]

    @property
    def place(self) -> RulePlace:
        """The element itself."""
        return self.choice.place


class TypeMark(Rule):
    """The ``xsi:type`` of one kind: written as the map spells it, read with any prefix.

    Attributes:
        value: The type name as the map spells it.
    """

    form: ClassVar[str] = "choice"
    decides: str = "const"

    def __init__(self, place: RulePlace, printed: str, *, value: str) -> None:
        super().__init__(place, f"@{XSI_TYPE}", printed, required=True)
        self.value = value

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """Never called: the scope hands the attribute's text to ``take``."""

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        if text != self.value:
            suffix = f"/{self.printed}"
            run.note("normalised", self.place, node, "same type, other spelling", suffix)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        out.append(f' {self.printed[1:]}="{self.value}"')

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        return iter(())


def expanded(text: str, node: Node) -> str:
    """The expanded name (Clark notation) of a QName in an element; as it is, if undeclared."""
    prefix, colon, local = text.strip().rpartition(":")
    uri = node.nsmap.get(prefix if colon else None)
    return f"{{{uri}}}{local}" if uri is not None else text.strip()
