"""A folder of XSD files, read as one set: what refers to what, and where a set starts.

Reading proves that a set is complete. Kept out: where a location leads (``schema_locations``),
compiling (``schema_compiler``) and where sets are kept (``catalogue``, ``install``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lxml import etree

from gateway.errors import ConfigurationError, Place
from gateway.validation.schema_locations import (
    LocationFinder,
    is_absolute,
    read_catalogues,
    schema_parser,
)

XSD = "http://www.w3.org/2001/XMLSchema"

_REFERENCES = frozenset(f"{{{XSD}}}{name}" for name in ("include", "import", "redefine"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """One ``schemaLocation`` of a file.

    Attributes:
        location: As written.
        target: The file it leads to, relative to the folder; None when the set lacks it.
    """

    location: str
    target: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaFile:
    """One XSD file of a set.

    Attributes:
        path: Relative to the folder, with ``/``.
        namespace: Its target namespace, None when it has none.
        references: Its includes, imports and redefinitions that state a location.
        elements: Global elements, ``{namespace}name``.
        may_mix: Whether a type of it may allow text between elements; False is certain.
        is_open: Whether it has a wildcard that takes elements which no declaration checks.
        names: Local names of all elements that it declares, at any depth.
    """

    path: str
    namespace: str | None
    references: tuple[Reference, ...]
    elements: tuple[str, ...]
    may_mix: bool
    is_open: bool = False
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaSet:
    """A complete set of XSD files.

    Attributes:
        folder: Where the files are, absolute.
        files: Every file of the set by its path.
        entries: Files that nothing refers to; together they reach every file.
        addresses: What absolute locations stand for: location to path.
    """

    folder: Path
    files: Mapping[str, SchemaFile]
    entries: tuple[str, ...]
    addresses: Mapping[str, str]

    @property
    def roots(self) -> tuple[str, ...]:
        """Every global element, ``{namespace}name``, sorted."""
        return tuple(sorted({name for file in self.files.values() for name in file.elements}))


def open_schema_set(folder: Path, *, entry: str | None = None) -> SchemaSet:
    """Read the XSD files of a folder and prove that the set is complete.

    Args:
        folder: Searched with all its sub-folders for ``*.xsd`` and ``catalog.xml``.
        entry: Read only this file and what it reaches; None reads every file.

    Raises:
        ConfigurationError: No XSD files, one that is not well-formed or no schema, or locations
            that lead nowhere; every missing location is a place.
    """
    folder = folder.resolve()
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.xsd"))
    if not names:
        raise ConfigurationError("there are no .xsd files here")
    if entry and entry not in names:
        alike = [name for name in names if PurePosixPath(name).name == PurePosixPath(entry).name]
        said = f"; there is {', '.join(alike)}" if alike else ""
        raise ConfigurationError(
            f"there is no file {entry} here, named by its path from the folder{said}"
        )
    finder = LocationFinder(names=frozenset(names), catalogue=read_catalogues(folder))
    wanted = _reach([entry], folder, finder) if entry else _read_all(names, folder, finder)
    _refuse_missing(wanted.values())
    entries = (entry,) if entry else _entries(wanted)
    return SchemaSet(
        folder=folder, files=wanted, entries=entries, addresses=_addresses(wanted.values())
    )


def _read_all(names: Iterable[str], folder: Path, finder: LocationFinder) -> dict[str, SchemaFile]:
    return {name: _read(folder, name, finder) for name in names}


def _reach(start: Iterable[str], folder: Path, finder: LocationFinder) -> dict[str, SchemaFile]:
    files: dict[str, SchemaFile] = {}
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in files:
            files[name] = _read(folder, name, finder)
            waiting += [r.target for r in files[name].references if r.target]
    return files


def _read(folder: Path, name: str, finder: LocationFinder) -> SchemaFile:
    try:
        root = etree.fromstring((folder / name).read_bytes(), schema_parser())
    except (OSError, etree.XMLSyntaxError):
        raise ConfigurationError(f"{name}: cannot be read as XML") from None
    if root.tag != f"{{{XSD}}}schema":
        raise ConfigurationError(f"{name}: its root is not xs:schema")
    namespace = root.get("targetNamespace")
    prefix = f"{{{namespace}}}" if namespace else ""
    locations = [
        location
        for child in root.iterchildren(*_REFERENCES)
        if (location := child.get("schemaLocation"))
    ]
    return SchemaFile(
        path=name,
        namespace=namespace,
        references=tuple(
            Reference(location=location, target=finder.find(location, source=name))
            for location in locations
        ),
        elements=tuple(
            f"{prefix}{child.get('name')}" for child in root.iterchildren(f"{{{XSD}}}element")
        ),
        may_mix=any(_mixes(node) for node in root.iter(f"{{{XSD}}}*")),
        is_open=any(
            node.get("processContents") in ("lax", "skip") for node in root.iter(f"{{{XSD}}}any")
        ),
        names=frozenset(
            str(node.get("name"))
            for node in root.iter(f"{{{XSD}}}element")
            if "name" in node.attrib
        ),
    )


def _mixes(node: etree._Element) -> bool:
    """Mixed content is declared, or comes with ``xs:anyType``: named, or by giving no type."""
    if node.get("mixed") in ("true", "1"):
        return True
    if any(node.get(name, "").rpartition(":")[2] == "anyType" for name in ("type", "base")):
        return True
    return (
        node.tag == f"{{{XSD}}}element"
        and not any(name in node.attrib for name in ("type", "ref", "substitutionGroup"))
        and next(node.iterchildren(f"{{{XSD}}}simpleType", f"{{{XSD}}}complexType"), None) is None
    )


def _addresses(files: Iterable[SchemaFile]) -> dict[str, str]:
    return {
        reference.location: reference.target
        for file in files
        for reference in file.references
        if reference.target and is_absolute(reference.location)
    }


def _refuse_missing(files: Iterable[SchemaFile]) -> None:
    places = [
        Place(
            keyword="missing-schema",
            detail=f"{file.path} refers to {reference.location}, which is not in the set",
        )
        for file in files
        for reference in file.references
        if reference.target is None
    ]
    if places:
        raise ConfigurationError("the schema set is incomplete", places=places)


def _entries(files: Mapping[str, SchemaFile]) -> tuple[str, ...]:
    """Choose the fewest files that reach all: those nothing refers to, one for each closed ring."""
    referred = {r.target for file in files.values() for r in file.references}
    entries = [name for name in files if name not in referred]
    reached = _closure(entries, files)
    for name in files:
        if name not in reached:
            entries.append(name)
            reached |= _closure([name], files)
    return tuple(entries)


def _closure(start: Iterable[str], files: Mapping[str, SchemaFile]) -> set[str]:
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [r.target for r in files[name].references if r.target]
    return reached
