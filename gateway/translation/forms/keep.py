"""``keep``: a wire value carried beside the document, never in it, and put back on the way out."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.forms.opaque import canonical_xml, element_fault
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.wire.escape import escape_attribute, escape_text

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Keep(Rule):
    """A node that the canonical document has no place for and the way back needs.

    Elements are kept as canonical XML, as many as there are, with all that is in them; an attribute
    or the element's own text as a text. What is kept is found again by its numbered wire path.

    Attributes:
        reason: Why, for ledger and docs.
    """

    form: ClassVar[str] = "keep"
    decides: str = "kept"
    whole: bool = True
    reason: str
    repeats: ClassVar[bool] = True
    unusual: bool = True

    def __init__(self, place: RulePlace, name: str, printed: str, *, reason: str) -> None:
        super().__init__(place, name, printed, required=False)
        self.reason = reason
        self.is_element = name != "." and name[0] != "@"

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.is_element:
            run.kept.setdefault(self.place.kept_at(run.at), []).append(canonical_xml(node))
            run.note("kept", self.place, node, self.reason)
        elif node.text and not node.text.isspace():
            self._keep(node.text, node, run)

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        self._keep(text, node, run)

    def _keep(self, text: str, node: Node, run: Run) -> None:
        # The own text of an element has the path of the element: the dot tells them apart.
        run.kept[self._text_key(run)] = text
        run.note("kept", self.place, node, self.reason, "" if self.name == "." else self._suffix)

    @property
    def _suffix(self) -> str:
        return f"/{self.printed}"

    def _text_key(self, run: Run) -> str:
        path = self.place.kept_at(run.at)
        return f"{path}/." if self.name == "." else path

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        if not run.given:
            return
        if self.is_element:
            for text in run.given.pop(self.place.kept_at(run.at), ()):
                fault = element_fault(text, self.name, self.printed)
                if fault is not None:
                    raise BreachError(self.place, "kept", fault)
                out.append(text)
            return
        text = run.given.pop(self._text_key(run), None)
        if text is not None:
            attribute = f' {self.printed[1:]}="{escape_attribute(text)}"'
            out.append(escape_text(text) if self.name == "." else attribute)

    @override
    def is_kept(self, run: Run) -> bool:
        path = self.place.kept_at(run.at) if self.is_element else self._text_key(run)
        return path in run.given

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        if not self.reason.strip():
            yield self.fault("A `keep` says why.")
