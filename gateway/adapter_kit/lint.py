"""What is wrong with an adapter although no message has shown it yet.

Kept out: which map speaks when (``lint_choosing``), what may be absent on one side only
(``lint_presence``), and what loading a map refuses by itself (``gateway.translation``), two
selectors of one node for example; it is passed on in this form.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from gateway.adapter_kit.coverage import (
    UNDECIDED,
    Covered,
    cover_documents,
    cover_messages,
    plain_path,
)
from gateway.adapter_kit.lint_choosing import choosing_findings
from gateway.adapter_kit.lint_finding import LintFinding
from gateway.adapter_kit.lint_presence import presence_findings
from gateway.errors import ConfigurationError
from gateway.registry import Adapter, load_adapter
from gateway.translation.forms.typed import TypedScope
from gateway.translation.map import Map
from gateway.translation.rule import Rule
from gateway.validation.catalogue import SchemaCatalogue


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
        *(found for key in adapter.exchanges for found in choosing_findings(adapter, key)),
        *(
            found
            for covered in messages
            for find in (presence_findings, _misplaced)
            for found in find(adapter.maps[covered.name], covered)
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


def _misplaced(translation: Map, covered: Covered) -> Iterator[LintFinding]:
    """Neighbours whose elements the schema declares the other way round."""
    order: dict[str, int] = {}
    for number, leaf in enumerate(covered.leaves):
        path = leaf.place
        while path:
            order.setdefault(path, number)
            path = path.rpartition("/")[0]
    scopes: list[Any] = [translation.scope]
    scopes += [r.scope for r in translation.scope.everything() if hasattr(r, "scope")]
    scopes += [kind for s in scopes if isinstance(s, TypedScope) for kind in s.branches.values()]
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
    return None if rule.name in (".", "") else order.get(plain_path(rule.place.wire))
