"""What is wrong with an adapter although no message has shown it yet.

Kept out: what loading a map refuses by itself (``gateway.translation``); it is passed on in this
form.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Literal

from gateway.adapter_kit.coverage import UNDECIDED, Covered, cover_documents, cover_messages
from gateway.errors import ConfigurationError
from gateway.registry import Adapter, load_adapter
from gateway.translation.exchange import Choosable
from gateway.translation.map import Map
from gateway.translation.rule import Rule
from gateway.validation.catalogue import SchemaCatalogue

Severity = Literal["error", "warning", "note"]

REMEDIES = {
    "undecided-wire": "Give it a rule: `api`, `const`, or `drop` with the reason.",
    "undecided-canonical": "Give it a rule in one of the maps, or take it out of the schema.",
    "required-dropped": "Use `const`: what is written must hold it.",
    "one-way": "Nothing to do; it counts what is read and never written.",
    "when-overlaps": "Give the two entries of the manifest different values of one field.",
    "same-root": "Two maps of one side must have different root elements.",
    "order": "Put the rules in the order of the wire schema.",
    "schema-subset": "Keep to the subset that docs/adapters.md lists.",
}
"""What to do about each rule of lint."""

_CORRECT = "Correct the named place; docs/map-language.md says what may stand there."


@dataclass(frozen=True, kw_only=True, slots=True)
class LintFinding:
    """One finding: a stable name, where it is on all sides, why, and what to do."""

    rule: str
    severity: Severity
    detail: str
    place: str | None = None
    wire: str | None = None
    pointer: str | None = None

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES.get(self.rule, _CORRECT)


def lint_adapter(folder: Path, catalogue: SchemaCatalogue) -> tuple[LintFinding, ...]:
    """Every finding of an adapter; where it cannot be loaded, why.

    Raises:
        ConfigurationError: A wire schema cannot be walked.
    """
    try:
        adapter = load_adapter(folder, catalogue)
    except ConfigurationError as error:
        return tuple(_load_faults(error))
    messages = cover_messages(adapter, catalogue)
    return (
        *(found for covered in messages for found in _wire_findings(covered)),
        *_canonical_findings(adapter),
        *(found for key in adapter.exchanges for found in _manifest_findings(adapter, key)),
        *(
            found
            for covered in messages
            for found in _misplaced(adapter.maps[covered.name], covered)
        ),
    )


def _load_faults(error: ConfigurationError) -> Iterator[LintFinding]:
    for place in error.places:
        yield LintFinding(
            rule=place.keyword,
            severity="error",
            detail=place.detail,
            place=place.rule,
            wire=place.wire,
            pointer=place.pointer,
        )
    if not error.places:
        yield LintFinding(rule="load", severity="error", detail=error.detail)


def _wire_findings(covered: Covered) -> Iterator[LintFinding]:
    for leaf in covered.leaves:
        if leaf.decision == UNDECIDED:
            yield LintFinding(
                rule="undecided-wire",
                severity="error",
                detail=f"No rule of {covered.name} decides about this leaf.",
                wire=leaf.place,
            )
        elif leaf.decision == "dropped":
            rule: Severity = "error" if leaf.required else "note"
            yield LintFinding(
                rule="required-dropped" if leaf.required else "one-way",
                severity=rule,
                detail=f"Dropped when read: {leaf.reason}",
                place=leaf.rule,
                wire=leaf.place,
            )


def _canonical_findings(adapter: Adapter) -> Iterator[LintFinding]:
    for covered in cover_documents(adapter):
        for leaf in covered.leaves:
            if leaf.decision == UNDECIDED:
                yield LintFinding(
                    rule="undecided-canonical",
                    severity="error",
                    detail=f"No map carries this field of {covered.name}.",
                    pointer=leaf.place,
                )
    for name, schema in sorted({m.api: m.schema for m in adapter.maps.values()}.items()):
        for place, detail in _outside_subset(schema, "#"):
            yield LintFinding(
                rule="schema-subset", severity="error", detail=detail, place=f"{name}{place}"
            )


def _outside_subset(schema: Any, place: str) -> Iterator[tuple[str, str]]:
    kind = schema.get("type")
    if kind == "object" and schema.get("additionalProperties") is not False:
        yield place, "An object needs `additionalProperties: false`."
    if kind == "string" and not {"enum", "const", "x-pattern"} & schema.keys():
        yield place, "A string needs `enum`, `const` or a named pattern (`x-pattern`)."
    if kind == "number":
        yield place, "Numbers are integers, or texts with a pattern."
    for key in ("properties", "$defs"):
        for name, inner in schema.get(key, {}).items():
            yield from _outside_subset(inner, f"{place}/{key}/{name}")
    for index, inner in enumerate(schema.get("oneOf", ())):
        yield from _outside_subset(inner, f"{place}/oneOf/{index}")
    if "items" in schema:
        yield from _outside_subset(schema["items"], f"{place}/items")


def _manifest_findings(adapter: Adapter, key: str) -> Iterator[LintFinding]:
    exchange = adapter.exchanges[key]
    for side, entries in (("request", exchange.requests), ("answer", exchange.answers)):
        for one, other in combinations(entries, 2):
            names = f"{one.map.name} and {other.map.name}"
            if one.map.root == other.map.root:
                yield _of_manifest("same-root", f"{key}, {side}: {names} read the same root.")
            if _overlap(one, other):
                yield _of_manifest("when-overlaps", f"{key}, {side}: {names} fit one document.")


def _overlap(one: Choosable, other: Choosable) -> bool:
    return all(one.when[field] == other.when[field] for field in one.when.keys() & other.when)


def _of_manifest(rule: str, detail: str) -> LintFinding:
    return LintFinding(rule=rule, severity="error", detail=detail, place="adapter.yaml")


def _misplaced(translation: Map, covered: Covered) -> Iterator[LintFinding]:
    """Neighbours whose elements the schema declares the other way round."""
    order: dict[str, int] = {}
    for number, leaf in enumerate(covered.leaves):
        path = leaf.place
        while path:
            order.setdefault(path, number)
            path = path.rpartition("/")[0]
    scopes = [translation.scope]
    scopes += [r.scope for r in translation.scope.everything() if hasattr(r, "scope")]
    for scope in scopes:
        for before, after in pairwise(rule for rule in getattr(scope, "sequence", ())):
            first, second = (_position(rule, order) for rule in (before, after))
            if first is not None and second is not None and first > second:
                yield LintFinding(
                    rule="order",
                    severity="warning",
                    detail=f"The wire schema declares it before `{before.printed}`.",
                    place=after.place.rule,
                    wire=after.place.wire,
                    pointer=after.place.pointer,
                )


def _position(rule: Rule, order: dict[str, int]) -> int | None:
    return None if rule.name == "." else order.get(rule.place.wire.replace("[*]", ""))
