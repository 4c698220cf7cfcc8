"""``opaque``: a subtree carried as one text of canonical XML, its inside unknown to the map.

Source: W3C Exclusive XML Canonicalization 1.0, without comments. A prefix that only an ``xsi:type``
value uses is not visible to it, so such prefixes are handed to it by name.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from lxml import etree
from typing_extensions import override

from gateway.errors import MalformedBodyError, Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.slots import Slot
from gateway.validation.xml_document import parse_xml

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_LIMIT_BYTES = 16 * 1024 * 1024


class Opaque(Rule):
    """A child element with everything in it.

    Attributes:
        slot: The canonical text: the element itself, start tag to end tag, as canonical XML.
    """

    form: ClassVar[str] = "opaque"
    whole: bool = True

    def __init__(
        self, place: RulePlace, name: str, printed: str, *, slot: Slot, required: bool
    ) -> None:
        super().__init__(place, name, printed, required=required)
        self.slot = slot

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        self.slot.put(obj, canonical_xml(node))
        run.mapped += 1

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        text = self.slot.get(obj)
        if text is None:
            if self.required:
                raise BreachError(self.place, "required", "The authority's format requires this.")
            return
        fault = element_fault(text, self.name, self.printed)
        if fault is not None:
            raise BreachError(self.place, "opaque", fault)
        out.append(text)
        run.mapped += 1

    @override
    def slots(self) -> Iterator[Slot]:
        yield self.slot

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        found = schema.at(self.place.pointer or "")
        if not found:
            yield self.fault("The canonical schema has no such field.", "unknown-field")
        elif any(inner.get("type") != "string" for inner in found):
            yield self.fault("An opaque subtree is a text in the canonical document.")


def element_fault(text: Any, name: str, printed: str) -> str | None:
    """Why a text is not the canonical XML of one element of this name; None: it is."""
    if type(text) is not str:
        return "Expected a string with one XML element."
    try:
        # As a message is read: what reading leaves out is no canonical text either.
        node = parse_xml(text.encode(), limit=_LIMIT_BYTES, drop_notes=True).root
    except (MalformedBodyError, UnicodeEncodeError):
        return f"Expected one XML element; found {len(text)} characters that are none."
    if node.tag != name:
        return f"The element must be `{printed}`."
    if canonical_xml(node) != text:
        return "Send the element as exclusive canonical XML, without comments and instructions."
    if _has_foreign_type(node):
        return "The prefix of an `xsi:type` is not declared in the element."
    return None


def canonical_xml(node: Node) -> str:
    """An element as exclusive canonical XML; what stands behind it is left out."""
    data: bytes = etree.tostring(
        node,
        method="c14n",
        exclusive=True,
        with_comments=False,
        inclusive_ns_prefixes=sorted(_prefixes_of_types(node)) or None,
    )
    return data.decode()


def _prefixes_of_types(node: Node) -> set[str]:
    found = set()
    for inner in node.iter(etree.Element):
        prefix, colon, _ = inner.get(_TYPE, "").strip().partition(":")
        if colon and prefix in inner.nsmap:
            found.add(prefix)
    return found


def _has_foreign_type(node: Node) -> bool:
    """Whether a type name has a prefix that the message around would give a meaning."""
    for inner in node.iter(etree.Element):
        prefix, colon, _ = inner.get(_TYPE, "").strip().partition(":")
        if colon and prefix not in inner.nsmap:
            return True
    return False
