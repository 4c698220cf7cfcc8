"""``join``: several canonical texts that stand in one wire node, told apart by a separator."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.forms.leaf import AttributeLeaf, ElementLeaf, Leaf, TextLeaf
from gateway.translation.ledger import Run
from gateway.translation.rule import Node
from gateway.translation.slots import Slot
from gateway.translation.values import ValueBreachError

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView


class Joined(Leaf):
    """A leaf whose text is the parts, in order, with a separator between them.

    The number of parts is fixed; only the last may be missing, and none is empty. A part that holds
    the separator would be read as two: it is refused.

    Attributes:
        parts: The canonical fields.
        places: Where each stands.
        separator: What stands between two parts.
        last_optional: Whether the last part may be missing.
    """

    form: ClassVar[str] = "join"

    def join(
        self,
        parts: Sequence[Slot],
        places: Sequence[RulePlace],
        separator: str,
        *,
        last_optional: bool,
    ) -> None:
        """Say what is joined; a leaf of its kind was made before."""
        self.parts = tuple(parts)
        self.places = tuple(places)
        self.separator = separator
        self.last_optional = last_optional
        # The generated functions leave a leaf without a key to its rule.
        self.key = None
        self.quick_key = None

    @override
    def slots(self) -> Iterator[Slot]:
        yield from self.parts

    @override
    def pointers(self) -> Iterator[str]:
        yield from (place.pointer or "" for place in self.places)

    @override
    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        try:
            value, respelt = self.content.read(text)
        except ValueBreachError as error:
            raise self._refused(error, node) from None
        found = value.split(self.separator)
        least = len(self.parts) - self.last_optional
        if not least <= len(found) <= len(self.parts) or not all(found):
            raise BreachError(
                self.place,
                "join",
                f"Expected {len(self.parts)} parts, none of them empty; found {len(found)}.",
                node=node,
                suffix=self.suffix,
            )
        if respelt:
            run.note("normalised", self.place, node, "same value, other spelling", self.suffix)
        for slot, part in zip(self.parts, found, strict=False):
            slot.put(obj, part)
        run.mapped += len(found)

    @override
    def give(self, obj: Mapping[str, Any], run: Run) -> str | None:
        values = [slot.get(obj) for slot in self.parts]
        if all(value is None for value in values) and not self.required:
            return None
        texts = []
        for place, value in zip(self.places, values, strict=True):
            if value is None and self.last_optional and place is self.places[-1]:
                break
            texts.append(self._part(place, value))
        run.mapped += len(texts)
        joined = self.separator.join(texts)
        # `a-` and `b` around `--` would come back as `a` and `-b`.
        if self.content.read(joined)[0].split(self.separator) != texts:
            detail = "Together, the parts would be read as others: one runs into the separator."
            raise BreachError(self.places[0], "join", detail)
        return joined

    def _part(self, place: RulePlace, value: Any) -> str:
        if value is None:
            raise BreachError(place, "required", "The authority's format requires this part.")
        try:
            text = self.content.print(value)
        except ValueBreachError as error:
            raise BreachError(place, error.keyword, error.detail) from None
        if not text or self.separator in text:
            detail = "An empty part, or one that holds the separator, would be read as another."
            raise BreachError(place, "join", detail)
        return text

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        for number, place in enumerate(self.places, start=1):
            if not schema.has(place.pointer or ""):
                yield self.fault(f"The canonical schema has no field for part {number}.")
        if not self.separator:
            yield self.fault("A `separator` is at least one character.")
        if len(self.parts) < 2:  # noqa: PLR2004 - fewer need no separator
            yield self.fault("`join` names two fields at least.")
        if not self.content.is_plain:
            yield self.fault("`join` carries texts.")


class JoinedElement(Joined, ElementLeaf):
    """Parts that stand in a child element."""


class JoinedAttribute(Joined, AttributeLeaf):
    """Parts that stand in an attribute."""


class JoinedText(Joined, TextLeaf):
    """Parts that stand in the element's own text."""
