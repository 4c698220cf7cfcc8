"""``truncate``: a text cut to what the wire has room for; the full one is kept beside the document.

The ledger says so, under ``kept``. Reading puts the full text back where it is still at hand.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError
from gateway.translation.forms.leaf import AttributeLeaf, ElementLeaf, Leaf, TextLeaf
from gateway.translation.ledger import Run
from gateway.translation.rule import Node

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Truncated(Leaf):
    """A text that may be longer than its place on the wire.

    Attributes:
        length: Most characters (code points) on the wire.
        reason: Why, for ledger and docs.
    """

    form: ClassVar[str] = "truncate"
    reason: str
    unusual: bool = True

    def cut(self, length: int, reason: str) -> None:
        """Say how long it may be; a leaf of its kind was made before."""
        self.length = length
        self.reason = reason
        self.quick_key = None

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        full = run.given.get(self.place.kept_at(run.at))
        if full is not None and shortened(full, self.length) == text:
            text = full
        elif len(text) > self.length:
            raise BreachError(
                self.place,
                "length",
                f"The format has {self.length} places here; found {len(text)} characters.",
                node=node,
                suffix=self.suffix,
            )
        super().take(text, node, obj, run)

    @override
    def give(self, obj: Mapping[str, Any], run: Run) -> str | None:
        text = super().give(obj, run)
        if text is None or len(text) <= self.length:
            return text
        path = self.place.kept_at(run.at)
        run.kept[path] = text
        run.note("kept", replace(self.place, wire=path), None, self.reason)
        return shortened(text, self.length)

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        yield from super().lint(schema)
        if self.length < 1:
            yield self.fault("`truncate` needs a `length` of at least 1.")
        if not self.reason.strip():
            yield self.fault("A `truncate` says why.")
        if not self.content.is_plain:
            yield self.fault("Only a text can be cut.")


def shortened(text: str, length: int) -> str:
    """The text cut to so many code points, never between a letter and its combining marks."""
    if len(text) <= length:
        return text
    while length > 1 and unicodedata.combining(text[length]):
        length -= 1
    return text[:length]


class TruncatedElement(Truncated, ElementLeaf):
    """A text in a child element."""


class TruncatedAttribute(Truncated, AttributeLeaf):
    """A text in an attribute."""


class TruncatedText(Truncated, TextLeaf):
    """A text that is the element's own."""
