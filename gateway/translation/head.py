"""The head of a map file: which keys it needs, and what they hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import Place
from gateway.translation.source import YamlMapping

MAP_NEEDED = {"map": str, "version": int, "api": str, "wire": dict, "rules": list}
WIRE_NEEDED = {"schema": str, "root": str, "namespaces": dict}

MAP_KEYS = {*MAP_NEEDED, "include", "leftovers"}
"""Keys at the top of a map; ``MAP_NEEDED`` says which must be there."""

WIRE_KEYS = {*WIRE_NEEDED, "format"}
"""Keys under ``wire``."""


def head_faults(source: YamlMapping) -> Iterator[Place]:
    """Every fault of the head, each with its line."""
    yield from _missing(source, MAP_NEEDED, "")
    yield from _unknown(source, MAP_KEYS)
    if source.get("leftovers", "refuse") != "refuse":
        yield _fault(source, "`leftovers` must be `refuse`.")
    if not isinstance(source.get("include") or [], list):
        yield _fault(source, "`include` must be a list of files.")
    wire = source.get("wire")
    if isinstance(wire, YamlMapping):
        yield from _wire_faults(wire)


def _wire_faults(wire: YamlMapping) -> Iterator[Place]:
    yield from _missing(wire, WIRE_NEEDED, "wire.")
    yield from _unknown(wire, WIRE_KEYS)
    if wire.get("format") != "xml":
        yield _fault(wire, "`wire.format` must be `xml`.")
    namespaces = wire.get("namespaces")
    if not isinstance(namespaces, dict):
        return
    if not all(isinstance(uri, str) for uri in namespaces.values()):
        yield _fault(wire, "`wire.namespaces` maps prefixes to texts.")
    prefix, colon, _ = str(wire.get("root")).partition(":")
    if colon and prefix not in namespaces:
        yield _fault(wire, f"The prefix `{prefix}` of `wire.root` is not declared.")


def _missing(mapping: YamlMapping, kinds: Mapping[str, type], where: str) -> Iterator[Place]:
    for key, kind in kinds.items():
        value: Any = mapping.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            yield _fault(mapping, f"The map needs `{where}{key}`.")


def _unknown(mapping: YamlMapping, known: set[str]) -> Iterator[Place]:
    for key in sorted(set(mapping) - known):
        rule = mapping.places.get(key, mapping.place)
        yield Place(keyword="map", detail=f"The map has no key `{key}`.", rule=rule)


def _fault(mapping: YamlMapping, detail: str) -> Place:
    return Place(keyword="map", detail=detail, rule=mapping.place)
