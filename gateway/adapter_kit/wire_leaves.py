"""Every leaf path of a wire message, as its schema declares it.

A leaf is an element with simple content or without any, an attribute, or a wildcard (one leaf each,
``*`` and ``@*``). Every branch of a choice counts, repeats count once, and a type inside itself is
not entered again. Kept out: what maps decide about leaves (``coverage``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import ConfigurationError
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue
from gateway.validation.schema_set import open_schema_set
from gateway.validation.xml_reference import ReferenceSchema


@dataclass(frozen=True, kw_only=True, slots=True)
class WireLeaf:
    """One leaf path.

    Attributes:
        path: With the map's prefixes and without positions, ``/x:m/leser/kennung``.
        needed: For each step of the path, whether the element around it cannot be without it.
    """

    path: str
    needed: tuple[bool, ...]

    @property
    def required(self) -> bool:
        """Whether its parent cannot be without it."""
        return self.needed[-1]


def wire_leaves(translation: Map, catalogue: SchemaCatalogue) -> tuple[WireLeaf, ...]:
    """Every leaf path below the root of a map, once each, in the order of the schema.

    Raises:
        ConfigurationError: The wire schema has no such root, or xmlschema does not take it.
    """
    files = catalogue.wire_schema(translation.wire_schema).files
    entry = next((f.path for f in files.files.values() if translation.root in f.elements), None)
    if entry is None:
        raise ConfigurationError(
            f"{translation.wire_schema} has no root element for {translation.name}."
        )
    root: Any = ReferenceSchema(open_schema_set(files.folder, entry=entry)).element(
        translation.root
    )
    walk = _Walk({uri: prefix for prefix, uri in translation.namespaces.items()})
    found = {leaf.path: leaf for leaf in walk.element(root, _Step("", (), ()), needed=True)}
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Step:
    """The way to an element: its path, what is needed on it, and the types around."""

    path: str
    needed: tuple[bool, ...]
    around: tuple[Any, ...]

    def leaf(self, name: str = "", *, needed: bool = False) -> WireLeaf:
        """The element itself as a leaf, or one in it."""
        if not name:
            return WireLeaf(path=self.path, needed=self.needed)
        return WireLeaf(path=f"{self.path}/{name}", needed=(*self.needed, needed))


class _Walk:
    """Goes down the declarations; ``xmlschema`` types its components too loosely for mypy."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes

    def element(self, declared: Any, outer: _Step, *, needed: bool) -> Iterator[WireLeaf]:
        """The leaves of an element and of everything inside it."""
        if declared.name is None:
            yield outer.leaf("*", needed=needed)
            return
        kind = declared.type
        path = f"{outer.path}/{self._printed(declared.name)}"
        here = _Step(path, (*outer.needed, needed), (*outer.around, kind))
        if kind.is_complex():
            yield from self._attributes(kind, here)
        children = [] if kind.has_simple_content() or kind.is_simple() else list(_children(kind))
        if not children:
            yield here.leaf()
        elif kind not in outer.around:
            for child, inner in children:
                yield from self.element(child, here, needed=inner)

    def _attributes(self, kind: Any, here: _Step) -> Iterator[WireLeaf]:
        for name, attribute in kind.attributes.items():
            printed = "*" if name is None else self._printed(name)
            needed = name is not None and attribute.use == "required"
            yield here.leaf(f"@{printed}", needed=needed)

    def _printed(self, name: str) -> str:
        namespace, _, local = name.removeprefix("{").rpartition("}")
        return f"{self._prefixes.get(namespace, '*')}:{local}" if namespace else local


def _children(kind: Any) -> Iterator[tuple[Any, bool]]:
    yield from _particles(kind.content, needed=kind.content.min_occurs > 0)


def _particles(group: Any, *, needed: bool) -> Iterator[tuple[Any, bool]]:
    alone = group.model != "choice" or len(group) == 1
    for particle in group:
        inner = needed and alone and particle.min_occurs > 0
        if hasattr(particle, "model"):
            yield from _particles(particle, needed=inner)
        else:
            yield particle, inner
