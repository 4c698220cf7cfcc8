"""``group``: enter a child element, with or without a canonical object of its own."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.forms.typed import TypedScope
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.scope import Scope
from gateway.translation.slots import Slot

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView

CODELIST = "codelist."
"""What names of versions of code lists begin with."""

AnyScope = Scope | LazyScope | TypedScope
"""The rules inside one element, whatever selects them."""


class Group(Rule):
    """A child element that holds other rules.

    Attributes:
        scope: The rules inside it.
        slot: The canonical object that they fill; None: they fill the current one.
        supply: Name under which completion finds the whole object; None: it is not supplied whole.
        begins: Whether what is supplied inside can bring the object into being.
    """

    form: ClassVar[str] = "group"
    decides: str = ""

    def __init__(  # noqa: PLR0913 - one argument for each key of the rule
        self,
        place: RulePlace,
        name: str,
        printed: str,
        *,
        scope: AnyScope,
        slot: Slot | None,
        required: bool,
        supply: str | None = None,
    ) -> None:
        super().__init__(place, name, printed, required=required)
        self.scope = scope
        self.slot = slot
        self.key = None if slot is None else slot.key
        self.supply = supply
        # The version of a code list never brings the coded value into being; all else does.
        self.begins = any(
            supplied is not None and not supplied.startswith(CODELIST)
            for rule in scope.everything()
            for supplied in [getattr(rule, "supply", None)]
        )
        self._presence = tuple(self._slots_below()) if slot is None else ()

    @override
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        if self.key is not None:
            inner = obj.get(self.key)
            if inner is None:
                inner = obj[self.key] = {}
            self.scope.read(node, inner, run)
            return
        if self.slot is not None:
            inner = self.slot.get(obj)
            if inner is None:
                inner = {}
                self.slot.put(obj, inner)
            self.scope.read(node, inner, run)
            return
        self.scope.read(node, obj, run)
        if not self.required and not self.is_present(obj):
            run.note("normalised", self.place, node, "an element that says nothing is left out")

    @override
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        if self.slot is None:
            if self.required or self.is_present(obj) or self.is_kept(run):
                self.scope.write(obj, out, run)
            return
        inner = self.slot.get(obj)
        if inner is not None:
            if type(inner) is not dict:
                raise BreachError(self.place, "type", "Expected an object.")
            self.scope.write(inner, out, run)
        elif self.required:
            raise BreachError(self.place, "required", "The authority's format requires this.")

    @override
    def slots(self) -> Iterator[Slot]:
        if self.slot is not None:
            yield self.slot
        else:
            yield from self._slots_below()

    @property
    @override
    def is_supplied(self) -> bool:
        return self.supply is not None or bool(self.scope.completing)

    @override
    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        if self.slot is None:
            if self.required or self._says_something(obj):
                self.scope.complete(obj, supplies)
            return
        inner = self.slot.get(obj)
        if type(inner) is not dict and not self.slot.is_open(obj):
            return
        if inner is None and self.supply is not None:
            inner = supplies.get(self.supply)
        if inner is None and not self.begins:
            return
        filled = dict(inner) if type(inner) is dict else {}
        if inner is None:
            self.scope.complete(filled, without_codelists(supplies))
            if not filled:
                return
        self.scope.complete(filled, supplies)
        self.slot.copied(obj)
        self.slot.put(obj, filled)

    @override
    def rules_below(self) -> Iterator[Rule]:
        return self.scope.everything()

    @override
    def lint(self, schema: "SchemaView") -> Iterator[Place]:
        if self.slot is None:
            if not self.required and not self._presence:
                yield self.fault(
                    "No canonical value stands below this optional group: it is never written."
                )
            if not self.required and self.branch is None and self._has_default(self.scope):
                yield self.fault("A `default` in a group that may be absent is never read.")
        elif not schema.has(self.place.pointer or ""):
            yield self.fault("The canonical schema has no such field.", "unknown-field")

    def is_present(self, obj: Mapping[str, Any]) -> bool:
        """Whether a canonical value stands below the element."""
        return any(slot.get(obj) is not None for slot in self._presence)

    @override
    def is_kept(self, run: Run) -> bool:
        return (
            bool(run.given)
            and self.slot is None
            and any(rule.is_kept(run) for rule in self.scope.rules)
        )

    def _slots_below(self) -> Iterator[Slot]:
        for rule in self.scope.rules:
            yield from rule.slots()
        for choice in self.scope.choices:
            yield choice.tag

    def _has_default(self, scope: AnyScope) -> bool:
        return any(
            (rule.watches_absence and any(True for _ in rule.slots()))
            or (isinstance(rule, Group) and rule.slot is None and self._has_default(rule.scope))
            for rule in scope.rules
            if rule.branch is None
        )

    def _says_something(self, obj: dict[str, Any]) -> bool:
        if any(choice.tag.get(obj) is not None for choice in self.scope.choices):
            return True
        return any(
            slot.get(obj) is not None
            for rule in self.scope.rules
            if getattr(rule, "supply", None) is None
            for slot in rule.slots()
        )


def without_codelists(supplies: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is supplied, without the versions of code lists."""
    return {name: value for name, value in supplies.items() if not name.startswith(CODELIST)}
