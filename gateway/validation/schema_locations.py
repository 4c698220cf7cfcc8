"""Where the ``schemaLocation`` of a schema leads: to a file of its set, or nowhere.

Answers come from OASIS XML catalogues (``uri``, ``system``, ``rewriteURI``, ``rewriteSystem``) and
the names of the files, never from anywhere else. Paths are relative to the set's folder, with
``/``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from gateway.errors import ConfigurationError

CATALOGUE_FILE = "catalog.xml"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_NAMESPACE = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"


@dataclass(frozen=True, kw_only=True, slots=True)
class XmlCatalogue:
    """What the catalogue files of a set say, as paths inside its folder.

    Attributes:
        exact: Address to path.
        rewrites: Start of an address to what replaces it; the longest start wins.
    """

    exact: Mapping[str, str]
    rewrites: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LocationFinder:
    """Answers ``schemaLocation``: catalogue, then folder, then a unique file name.

    Attributes:
        names: Paths of all files.
        catalogue: What the set's catalogue files say.
    """

    names: frozenset[str]
    catalogue: XmlCatalogue

    def find(self, location: str, *, source: str) -> str | None:
        """Return the path a location leads to, None when the set lacks it.

        Args:
            location: As written; relative ones are relative to ``source``.
            source: Path of the file it is written in.
        """
        if not is_absolute(location):
            return self._known(join_location(source, unquote(location)))
        return self._from_catalogue(location) or self._by_name(location)

    def _from_catalogue(self, location: str) -> str | None:
        if location in self.catalogue.exact:
            return self._known(self.catalogue.exact[location])
        for start in sorted(self.catalogue.rewrites, key=len, reverse=True):
            if location.startswith(start):
                rest = location.removeprefix(start)
                return self._known(self.catalogue.rewrites[start] + rest)
        return None

    def _by_name(self, location: str) -> str | None:
        wanted = location.rsplit("/", 1)[-1]
        found = [name for name in self.names if name.rsplit("/", 1)[-1] == wanted]
        return found[0] if len(found) == 1 else None

    def _known(self, name: str) -> str | None:
        return name if name in self.names else None


def read_catalogues(folder: Path) -> XmlCatalogue:
    """Read every ``catalog.xml`` below a folder.

    Raises:
        ConfigurationError: One is not well-formed; names it.
    """
    exact: dict[str, str] = {}
    rewrites: dict[str, str] = {}
    for path in sorted(folder.rglob(CATALOGUE_FILE)):
        source = path.relative_to(folder).as_posix()
        for node in _catalogue_entries(path, source):
            kind = etree.QName(node).localname
            if kind in ("uri", "system"):
                name = node.get("name") or node.get("systemId") or ""
                exact[name] = join_location(source, node.get("uri", ""))
            elif kind in ("rewriteURI", "rewriteSystem"):
                start = node.get("uriStartString") or node.get("systemIdStartString") or ""
                # A prefix that ends in "/" must keep it, or its rest would not be below it.
                target = node.get("rewritePrefix", "")
                slash = "/" if target.endswith("/") else ""
                rewrites[start] = join_location(source, target) + slash
    return XmlCatalogue(exact=exact, rewrites=rewrites)


def _catalogue_entries(path: Path, source: str) -> Iterator[etree._Element]:
    try:
        root = etree.fromstring(path.read_bytes(), schema_parser())
    except etree.XMLSyntaxError:
        raise ConfigurationError(f"{source}: cannot be read as XML") from None
    return root.iter(
        *(f"{_NAMESPACE}{kind}" for kind in ("uri", "system", "rewriteURI", "rewriteSystem"))
    )


def is_absolute(location: str) -> bool:
    """Tell an address (``http://…``, ``urn:…``) from a path beside the file."""
    return _SCHEME.match(location) is not None


def join_location(source: str, location: str) -> str:
    """Resolve a relative location beside a file of the set; ``""`` when it leaves the set."""
    steps = source.split("/")[:-1]
    for step in location.split("/"):
        if step == "..":
            if not steps:
                return ""
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def schema_parser() -> etree.XMLParser:
    """Return a parser for schemas, which are trusted more than messages.

    The W3C's signature schema has a DOCTYPE: its internal subset is read, an external one is not.
    """
    return etree.XMLParser(no_network=True, load_dtd=False, huge_tree=False)
