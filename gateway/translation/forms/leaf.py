"""``api`` and ``supply``: one value between a wire node and a canonical field."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.code_watch import CodeWatch, ListReference
from gateway.translation.content import Content
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.slots import Slot
from gateway.translation.values import ValueBreachError
from gateway.translation.wire.escape import escape_attribute, escape_text
from gateway.validation.attachment_places import KEYWORD

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView

NO_DEFAULT = object()


class Leaf(Rule):
    """A value that both sides know. Subclasses say what kind of node it stands in.

    Attributes:
        slot: The canonical field.
        content: Its type and codes.
        supply: Name of the supplied value that completion fills in; None: the caller says it.
        default: Canonical value of an absent node; ``NO_DEFAULT``: absence is absence.
        writes_default: Whether the default is written out or left out.
        correlates: Whether later answers are joined on it.
        code_list: The code list that its values come from; None: none, or none that is named.
        watch: What asks the installed editions of that list; None: there are none.
    """

    form: ClassVar[str] = "api"
    code_list: ListReference | None = None
    watch: CodeWatch | None = None

    def __init__(  # noqa: PLR0913 - one argument for each key of the rule
        self,
        place: RulePlace,
        name: str,
        printed: str,
        *,
        slot: Slot,
        content: Content,
        required: bool,
        supply: str | None = None,
        default: Any = NO_DEFAULT,
        writes_default: bool = False,
        correlates: bool = False,
    ) -> None:
        super().__init__(place, name, printed, required=required)
        self.slot = slot
        self.key = slot.key
        self.content = content
        self.supply = supply
        self.default = default
        self.writes_default = writes_default
        self.correlates = correlates
        self.decides = "mapped" if supply is None else "supplied"
        self.watches_absence = default is not NO_DEFAULT
        self.is_attachment = content.type.name == "attachment"
        self.start = f"<{printed}>"
        self.end = f"</{printed}>"
        self.suffix = f"/{printed}" if name[0] == "@" else ""
        # A leaf with a default, or deep in an object, goes the long way each time.
        self.quick_key = self.key if default is NO_DEFAULT else None
        self.quick_read = content.quick_read
        self.quick_print = content.quick_print

    def watch_with(self, watch: CodeWatch) -> None:
        """Ask the installed editions of its list about every code."""
        self.watch = watch
        self.quick_key = None

    @override
    def slots(self) -> Iterator[Slot]:
        yield self.slot

    @override
    def absent(self, parent: Node, obj: dict[str, Any], run: Run) -> None:
        self.slot.put(obj, self.default)
        suffix = "" if self.name == "." else f"/{self.printed}"
        run.note("defaulted", self.place, parent, "absent means the default", suffix)

    @property
    @override
    def is_supplied(self) -> bool:
        return self.supply is not None

    @override
    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        if self.supply is None:
            return
        if self.key is not None:
            if self.key not in obj and (known := supplies.get(self.supply)) is not None:
                obj[self.key] = known
            return
        if not self.slot.is_open(obj):
            return
        value = supplies.get(self.supply)
        if value is not None:
            self.slot.copied(obj)
            self.slot.put(obj, value)

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        pointer = self.place.pointer or ""
        if not schema.has(pointer):
            yield self.fault("The canonical schema has no such field.", "unknown-field")
        elif self.default is not NO_DEFAULT and not schema.is_required(pointer):
            yield self.fault("`default` needs a canonical field that is required.")
        elif any((KEYWORD in found) != self.is_attachment for found in schema.at(pointer)):
            yield self.fault(f"`as: attachment` goes with `{KEYWORD}` in the canonical schema.")
        if self.content.codes is not None:
            yield from (self.fault(detail) for detail in self.content.codes.faults())

    @override
    def take(  # noqa: C901 - what a text may be, in one row
        self, text: str, node: Node, obj: dict[str, Any], run: Run
    ) -> None:
        if self.quick_key is not None and (quick := self.quick_read(text)) is not None:
            obj[self.quick_key] = quick
            if self.supply is None:
                run.mapped += 1
            else:
                run.supplied += 1
            return
        try:
            value, respelt = self.content.read(text)
        except ValueBreachError as error:
            raise self._refused(error, node) from None
        if respelt:
            run.note("normalised", self.place, node, "same value, other spelling", self.suffix)
        if value == self.default and not self.writes_default:
            run.note("normalised", self.place, node, "the default, spelt out", self.suffix)
        if self.watch is not None:
            warning = self.watch.seen(self.content.type.read(text), obj)
            if warning is not None:
                run.note("warnings", self.place, node, warning, self.suffix)
        if self.key is not None:
            obj[self.key] = value
        else:
            self.slot.put(obj, value)
        self._count(run)

    def _count(self, run: Run) -> None:
        if self.supply is None:
            run.mapped += 1
        else:
            run.supplied += 1

    def give(self, obj: Mapping[str, Any], run: Run) -> str | None:
        """The wire text of the canonical field; None: nothing is written."""
        if self.quick_key is not None:
            value = obj.get(self.quick_key)
            if type(value) is str and (quick := self.quick_print(value)) is not None:
                if self.supply is None:
                    run.mapped += 1
                else:
                    run.supplied += 1
                return quick
        return self._give_slowly(obj, run)

    def _give_slowly(self, obj: Mapping[str, Any], run: Run) -> str | None:
        value = self.slot.get(obj)
        if value is None:
            if self.required or self.watches_absence:
                raise self._absent()
            return None
        if value == self.default and not self.writes_default:
            return None
        self._count(run)
        try:
            text = self.content.print(value)
            warning = None if self.watch is None else self.watch.said(text, obj)
        except ValueBreachError as error:
            raise self._refused(error, None) from None
        if warning is not None:
            run.note("warnings", self.place, None, warning)
        return text

    def _absent(self) -> BreachError:
        if self.supply is None:
            return BreachError(
                self.place, "required", "The authority's format requires this value."
            )
        return BreachError(
            self.place,
            "supply-missing",
            f"The gateway supplies this value as `{self.supply}`, and none is configured.",
        )

    def _refused(self, error: ValueBreachError, node: Node) -> BreachError:
        suffix = self.suffix if node is not None else ""
        return BreachError(self.place, error.keyword, error.detail, node=node, suffix=suffix)


class ElementLeaf(Leaf):
    """A value that is the text of a child element without attributes."""

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if len(node) or node.keys():
            raise inside_refused(self, node)
        self.take(node.text or "", node, obj, run)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        text = self.give(obj, run)
        if text is not None:
            out.append(f"{self.start}{escape_text(text)}{self.end}")


class AttributeLeaf(Leaf):
    """A value that is an attribute."""

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """Never called: the scope hands the attribute's text to ``take``."""

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        text = self.give(obj, run)
        if text is not None:
            out.append(f' {self.printed[1:]}="{escape_attribute(text)}"')


class TextLeaf(Leaf):
    """A value that is the element's own text; an optional one is absent where there is no text."""

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if node.text or self.required:
            self.take(node.text or "", node, obj, run)
        elif self.watches_absence:
            self.absent(node, obj, run)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        text = self.give(obj, run)
        if text == "" and not self.required:
            raise BreachError(self.place, "empty", "An empty text would be read as absent.")
        if text is not None:
            out.append(escape_text(text))


class PartsLeaf(Leaf):
    """A value in one of several children of its element: day, month or year of a partial date.

    Attributes:
        parts: Printed child name for each length of the canonical text.
        lengths: Clark child name to the length of text that it holds.
    """

    whole: bool = True

    def __init__(self, leaf: Leaf, *, parts: dict[int, str], lengths: dict[str, int]) -> None:
        super().__init__(
            leaf.place,
            leaf.name,
            leaf.printed,
            slot=leaf.slot,
            content=leaf.content,
            required=leaf.required,
            supply=leaf.supply,
            default=leaf.default,
            writes_default=leaf.writes_default,
            correlates=leaf.correlates,
        )
        self.parts = parts
        self.lengths = lengths

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        part = node[0] if len(node) == 1 else None
        if (
            part is None
            or node.keys()
            or any(t and not t.isspace() for t in (node.text, part.tail))
        ):
            raise self._not_one_part(node)
        length = self.lengths.get(part.tag)
        if length is None or len(part) or part.keys():
            raise inside_refused(self, node if length is None else part)
        text = part.text or ""
        if len(text.strip()) != length:
            raise BreachError(
                self.place, "type", f"Found a text of {len(text)} characters.", node=part
            )
        self.take(text, part, obj, run)

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        text = self.give(obj, run)
        if text is None:
            return
        part = self.parts.get(len(text))
        if part is None:
            raise BreachError(self.place, "type", "The date has no such precision here.")
        out.append(f"<{self.printed}><{part}>{text}</{part}></{self.printed}>")

    def _not_one_part(self, node: Node) -> BreachError:
        if node.keys():
            return inside_refused(self, node)
        return BreachError(
            self.place, "parts", f"Expected exactly one part; found {len(node)}.", node=node
        )


def inside_refused(rule: Rule, node: Node) -> BreachError:
    """The refusal of an element that holds something where a rule expects text alone."""
    if not node.keys():
        return BreachError(
            rule.place,
            "unknown-element",
            "An element stands inside one that holds text alone.",
            node=node[0],
            leftover=True,
        )
    return BreachError(
        rule.place,
        "unknown-attribute",
        "No rule mentions this attribute.",
        node=node,
        attribute=node.keys()[0],
        leftover=True,
    )
