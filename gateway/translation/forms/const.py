"""``const``: a text that the standard fixes; checked on reading, written on writing."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.content import Content
from gateway.translation.forms.leaf import inside_refused
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.values import ValueBreachError
from gateway.translation.wire.escape import escape_attribute, escape_text

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Const(Rule):
    """A fixed text in an attribute, an element or the element's own text.

    Attributes:
        value: The text.
        written: None: the node must be there; else whether writing puts the optional node in.
    """

    form: ClassVar[str] = "const"
    decides: str = "const"

    def __init__(
        self,
        place: RulePlace,
        name: str,
        printed: str,
        *,
        value: str,
        written: bool | None,
        content: Content,
    ) -> None:
        super().__init__(place, name, printed, required=written is None)
        self.value = value
        self.content = content
        self.written = written
        self.watches_absence = written is True
        self.printed_out = "" if written is False else self._print()

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.name != "." and (len(node) or node.keys()):
            raise inside_refused(self, node)
        if self.name == "." and not node.text and not self.required:
            if self.written:
                self.absent(node, obj, run)
            return
        self.take(node.text or "", node, obj, run)

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        if text == self.value and self.written is not False:
            return
        suffix = f"/{self.printed}" if self.name[0] == "@" else ""
        if text != self.value and not self._means_the_same(text):
            raise BreachError(
                self.place,
                "fixed",
                f"The standard fixes this value; found another of {len(text)} characters.",
                node=node,
                suffix=suffix,
            )
        run.note("normalised", self.place, node, "fixed value, spelt or left out", suffix)

    @override
    def absent(self, parent: Node, obj: dict[str, Any], run: Run) -> None:
        suffix = "" if self.name == "." else f"/{self.printed}"
        run.note("normalised", self.place, parent, "fixed value, left out", suffix)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        if self.printed_out:
            out.append(self.printed_out)

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        if not self.value:
            yield self.fault("A `const` needs a text that is not empty.")

    def _means_the_same(self, text: str) -> bool:
        try:
            return text.strip() == self.value or bool(
                self.content.read(text)[0] == self.content.read(self.value)[0]
            )
        except ValueBreachError:
            return False

    def _print(self) -> str:
        if self.name[0] == "@":
            return f' {self.printed[1:]}="{escape_attribute(self.value)}"'
        text = escape_text(self.value)
        return text if self.name == "." else f"<{self.printed}>{text}</{self.printed}>"
