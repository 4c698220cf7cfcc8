"""The ledger: what became of every value of one translation. Counts and places, never values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.translation.breach import BreachError, RulePlace


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """One place where wire and document differ on purpose, and why."""

    wire: str
    rule: str | None
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The short form, stored with the message.

    Attributes:
        mapped: Values carried from one side to the other.
        supplied: Values the gateway fills in by itself.
        computed: Counts and sums, written or verified.
        defaulted: Places absent on the wire that read as their default.
        dropped: Places thrown away with a reason; comments and instructions are one entry.
        kept: Places carried beside the document.
        normalised: Places where the same value was spelt another way.
        warnings: Places whose code its list has no more, has not, or could not be asked for.
        leftovers: Places that no rule mentions, where the map only reports them.
    """

    mapped: int = 0
    supplied: int = 0
    computed: int = 0
    defaulted: tuple[Note, ...] = ()
    dropped: tuple[Note, ...] = ()
    kept: tuple[Note, ...] = ()
    normalised: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()
    leftovers: tuple[Note, ...] = ()

    def to_json(self) -> bytes:
        """The ledger as UTF-8 JSON."""
        return orjson.dumps(self)


@dataclass(kw_only=True, slots=True)
class Deferred:
    """A check that waits until the whole message is read; repeats put in where it stands."""

    check: Callable[[], BreachError | None]
    _around: list[tuple[int, int]] = field(default_factory=list)

    def inside(self, index: int, number: int) -> None:
        """Note the repeat around it, as ``BreachError.inside``."""
        self._around.append((index, number))

    def __call__(self) -> None:
        """Check now.

        Raises:
            BreachError: It does not hold.
        """
        breach = self.check()
        if breach is not None:
            for index, number in self._around:
                breach.inside(index, number)
            raise breach


class Run:
    """What one translation counts on its way; one object a translation, never shared.

    ``mixed`` says that the wire schema has not made sure already that text stands in leaves only.
    ``given`` is what was kept beside the document, by numbered wire path, and ``kept`` what is kept
    now; ``at`` are the positions of the repeats around, which only the rules keep up to date.
    ``lists`` and ``counts`` are what ``zip`` and a repeated choice have seen of an object so far.
    """

    __slots__ = (
        "at", "computed", "counts", "deferred", "given", "kept", "lists", "mapped", "mixed",
        "noted", "position", "supplied",
    )  # fmt: skip

    def __init__(self, *, mixed: bool = True, given: Mapping[str, Any] | None = None) -> None:
        self.mixed = mixed
        self.at: list[int] = []
        self.given = dict(given) if given else {}
        self.kept: dict[str, Any] = {}
        self.lists: dict[tuple[int, int], list[list[dict[str, Any]]]] = {}
        self.counts: dict[tuple[int, int], int] = {}
        self.mapped = 0
        self.supplied = 0
        self.computed = 0
        self.position = 0
        self.noted: list[tuple[str, RulePlace, Any, str, str]] = []
        self.deferred: list[Deferred] = []

    def note(self, kind: str, place: RulePlace, node: Any, reason: str, suffix: str = "") -> None:
        """Remember a place for the ledger; its path is worked out at the end."""
        self.noted.append((kind, place, node, reason, suffix))

    def ledger(self, path_of: Callable[[Any], str], dropped: tuple[Note, ...] = ()) -> Ledger:
        """Close the books; ``path_of`` turns a wire node into its path."""
        if not self.noted:
            return Ledger(
                mapped=self.mapped,
                supplied=self.supplied,
                computed=self.computed,
                dropped=dropped,
            )
        notes: dict[str, list[Note]] = {
            "defaulted": [], "dropped": list(dropped), "kept": [], "normalised": [],
            "warnings": [],
        }  # fmt: skip
        for kind, place, node, reason, suffix in self.noted:
            wire = path_of(node) + suffix if node is not None else place.wire
            notes[kind].append(Note(wire=wire, rule=place.rule, reason=reason))
        return Ledger(
            mapped=self.mapped,
            supplied=self.supplied,
            computed=self.computed,
            defaulted=tuple(notes["defaulted"]),
            dropped=tuple(notes["dropped"]),
            kept=tuple(notes["kept"]),
            normalised=tuple(notes["normalised"]),
            warnings=tuple(notes["warnings"]),
        )
