"""Whether the manifest says for every document and message which map speaks."""

import json
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

from gateway.adapter_kit.lint_finding import LintFinding
from gateway.registry import Adapter
from gateway.translation.exchange import Choosable
from gateway.translation.schema_view import Schema, SchemaView

_OTHER = object()
"""Stands for every value that no entry names."""


def choosing_findings(adapter: Adapter, key: str) -> Iterator[LintFinding]:
    """What is wrong with the choice between the maps of one operation."""
    exchange = adapter.exchanges[key]
    for side, entries in (("request", exchange.requests), ("answer", exchange.answers)):
        where = f"{key}, {side}"
        for one, other in combinations(entries, 2):
            names = f"{one.map.name} and {other.map.name}"
            if one.map.root == other.map.root:
                yield _finding("same-root", f"{where}: {names} read the same root.")
            if _overlap(one, other):
                yield _finding("when-overlaps", f"{where}: {names} fit one document.")
        yield from _incomplete(where, entries)


def _overlap(one: Choosable, other: Choosable) -> bool:
    return all(one.when[field] == other.when[field] for field in one.when.keys() & other.when)


def _incomplete(where: str, entries: Sequence[Choosable]) -> Iterator[LintFinding]:
    documents = list(_documents(entries))
    said = {
        _printed(document)
        for document in documents
        if not any(entry.takes(document) for entry in entries)
    }
    if said:
        fields = "; ".join(sorted(said))
        yield _finding("when-incomplete", f"{where}: no map takes documents with {fields}.")
    for entry in entries:
        if not any(entry.takes(document) for document in documents):
            detail = f"{where}: no document of the schema fits the `when` of {entry.map.name}."
            yield _finding("when-never", detail)


def _documents(entries: Sequence[Choosable]) -> Iterator[dict[str, Any]]:
    """Every document that the schemas allow, as far as the fields named by ``when`` go."""
    fields = sorted({field for entry in entries for field in entry.when})
    for schema in {entry.map.api: entry.map.schema for entry in entries}.values():
        view = SchemaView(schema)
        for alternative in view.at(""):
            values = [_values(view.of(alternative), field, entries) for field in fields]
            for chosen in product(*values):
                document = zip(fields, chosen, strict=True)
                yield {field: value for field, value in document if value is not None}


def _values(view: SchemaView, field: str, entries: Sequence[Choosable]) -> list[Any]:
    """What a top-level field may hold; None: it may be absent."""
    found = [value for schema in view.at(f"/{field}") for value in _closed(schema)]
    if _OTHER in found:
        found += [entry.when[field] for entry in entries if field in entry.when]
    return found if view.is_required(f"/{field}") else [*found, None]


def _closed(schema: Schema) -> list[Any]:
    if "const" in schema:
        return [schema["const"]]
    if schema.get("type") == "boolean":
        return [True, False]
    return list(schema["enum"]) if "enum" in schema else [_OTHER]


def _printed(document: dict[str, Any]) -> str:
    said = (
        f"another `{field}`" if value is _OTHER else f"`{field}` {json.dumps(value)}"
        for field, value in document.items()
    )
    return " and ".join(said) or "none of the fields"


def _finding(rule: str, detail: str) -> LintFinding:
    return LintFinding(rule=rule, severity="error", detail=detail, place="adapter.yaml")
