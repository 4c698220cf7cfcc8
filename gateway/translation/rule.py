"""What every compiled rule offers: reading, writing, completion, and its own check at load time."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from gateway.errors import Place
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.ledger import Run
from gateway.translation.slots import Slot

if TYPE_CHECKING:
    from gateway.translation.schema_view import SchemaView

Node = Any
"""A wire node as the codec hands it out (an lxml element); rules use what its interface offers."""


class Rule(ABC):
    """One compiled rule inside the element (scope) that it belongs to.

    Attributes:
        form: Name of its form, a key of ``FORMS``.
        place: Where it stands on both sides.
        name: Wire name in the scope: Clark name of a child, ``@`` and Clark name of an attribute,
            ``.`` the element's own text, empty: no wire node.
        printed: The same with the map's prefixes, ``@test``, ``x:leser``.
        order: Position among its siblings on the way out.
        bit: Its bit in the set of rules found while an element is read.
        required: Whether absence is refused, in both directions.
        repeats: Whether the same name may come several times in a row.
        branch: The branch of a choice that it belongs to.
        picks: Whether it stands for several rules of the same name (``where``).
        unusual: Whether only the rules can do it, not the functions generated beside them.
        decides: What becomes of the value of its node, ``mapped``; empty: it only holds others.
        reason: Why, where it is not carried over.
        whole: Whether it decides everything inside its element too.
    """

    form: ClassVar[str]
    repeats: ClassVar[bool] = False
    picks: ClassVar[bool] = False
    unusual: bool = False
    watches_absence: bool = False
    decides: str = "mapped"
    reason: str | None = None
    whole: bool = False

    def __init__(self, place: RulePlace, name: str, printed: str, *, required: bool) -> None:
        self.place = place
        self.name = name
        self.printed = printed
        self.required = required
        self.order = 0
        self.bit = 0
        self.branch: Branch | None = None
        self.plain = True

    @abstractmethod
    def read(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """Carry what ``node`` says into the canonical object."""

    def take(self, text: str, node: Node, obj: dict[str, Any], run: Run) -> None:
        """Carry what the attribute of ``node`` says; only rules of attributes are asked."""
        raise NotImplementedError

    @abstractmethod
    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        """Append the wire text of what the canonical object says."""

    def absent(  # noqa: B027 - most rules have nothing to do
        self, parent: Node, obj: dict[str, Any], run: Run
    ) -> None:
        """React to its absence while ``parent`` is read; called where ``watches_absence``."""

    def pick(self, node: Node) -> "Rule | None":  # noqa: ARG002 - for `where`
        """The rule that a node of this name falls under; None: none of the declared."""
        return self

    def pointers(self) -> Iterator[str]:
        """Where the fields that it fills stand, as JSON Pointer templates."""
        if self.place.pointer is not None and any(True for _ in self.slots()):
            yield self.place.pointer

    def is_kept(self, run: Run) -> bool:  # noqa: ARG002 - for what keeps values
        """Whether something kept beside the document goes back here."""
        return False

    def slots(self) -> Iterator[Slot]:
        """The slots of the current canonical object that it fills."""
        return iter(())

    def complete(  # noqa: B027 - most rules have nothing to do
        self, obj: dict[str, Any], supplies: Mapping[str, Any]
    ) -> None:
        """Fill what the gateway supplies and the object leaves open; ``obj`` may be changed."""

    @property
    def is_supplied(self) -> bool:
        """Whether completion has something to do here or below."""
        return False

    def lint(self, schema: "SchemaView") -> Iterator[Place]:  # noqa: ARG002 - for subclasses
        """Faults of the rule that show without a message."""
        return iter(())

    def rules_below(self) -> Iterator["Rule"]:
        """The rules inside the element it enters."""
        return iter(())

    @property
    def kind(self) -> str:
        """``element``, ``attribute`` or ``text``, for messages."""
        return {"@": "attribute", ".": "text"}.get(self.name[:1], "element")

    def fault(self, detail: str, keyword: str = "lint") -> Place:
        """A fault of the rule itself, at its place."""
        return Place(
            keyword=keyword,
            detail=detail,
            pointer=self.place.pointer,
            wire=self.place.wire,
            rule=self.place.rule,
        )


class Branch:
    """One branch: the tag value that names it and the rules that it consists of.

    Attributes:
        value: Value of the tag.
        rules: Its rules; none of them: the branch without wire nodes (``otherwise``).
        required: Bits of the rules that must be there once the branch is entered.
    """

    __slots__ = ("choice", "required", "rules", "value")

    def __init__(self, choice: "Alternatives", value: str, rules: list[Rule]) -> None:
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


class Alternatives(Rule):
    """Branches of which one is taken.

    Attributes:
        tag: Canonical field that names the branch.
        branches: By tag value.
    """

    tag: Slot
    branches: dict[str, Branch]

    @abstractmethod
    def settle(self, node: Node, obj: dict[str, Any], run: Run, found: int) -> None:
        """After its element is read: a branch must have been taken, and be complete.

        Args:
            node: The element.
            obj: Its canonical object.
            run: The translation under way.
            found: Bits of the rules whose nodes were there.
        """


class Lists(Rule):
    """Several lists of elements that belong together."""

    @abstractmethod
    def settle(self, node: Node, obj: dict[str, Any], run: Run) -> None:
        """After its element is read: put the lists together in its canonical object."""
