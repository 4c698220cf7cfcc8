"""Check ``xs:ID`` and ``xs:IDREF``: an identifier that is there twice, a reference to none.

libxml2 finds only attributes of the same identifier, and calls that a fault of type.

Attributes and elements are told by their names. A name that the schema set declares as an
identifier here and as something else there is left alone; ``xml_reference`` tells them apart, but
a hundred times slower. Sets without identifiers cost nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from gateway.errors import Place
from gateway.validation.schema_locations import schema_parser
from gateway.validation.schema_set import XSD, SchemaSet
from gateway.validation.wire_path import Siblings, wire_path
from gateway.validation.xml_faults import MOST_PLACES

Kind = Literal["ID", "IDREF", "IDREFS"]
Name = tuple[Literal["@", ""], str]

_KINDS: Mapping[str, Kind] = {"ID": "ID", "IDREF": "IDREF", "IDREFS": "IDREFS"}
_MENTIONED = re.compile(rb"""["':]ID(?:REFS?)?["']""")
_DEEPEST = 8  # types derived from types


@dataclass(frozen=True, kw_only=True, slots=True)
class _Use:
    """One identifier or reference in a message."""

    element: etree._Element
    attribute: str | None
    kind: Kind
    value: str


class IdentifierCheck:
    """What a schema set calls identifiers and references; may be used from several threads."""

    def __init__(self, files: SchemaSet) -> None:
        """Read the declarations."""
        self._names = _names(files)
        self._namespaces = {file.namespace for file in files.files.values()} | {None}
        self._find = etree.XPath(_expression(self._names)) if self._names else None
        # A name of them and what may follow one in a tag: most messages hold none of these.
        names = b"|".join(re.escape(local.encode()) for _, local in self._names)
        self._seen = re.compile(b"(?:%b)[=\\s>/]" % names)

    @property
    def names(self) -> Mapping[Name, Kind]:
        """Attributes (``@``) and elements by local name, with what they are."""
        return self._names

    def check(
        self, root: etree._Element, *, namespaces: Mapping[str, str], data: bytes = b""
    ) -> tuple[Place, ...]:
        """Return a place for each repeated identifier and each reference to none, at most 100.

        Args:
            root: A message that is valid otherwise.
            namespaces: Prefix to namespace for the paths.
            data: The UTF-8 bytes it was parsed from, if it came in UTF-8: they save time.
        """
        if self._find is None or (data and self._seen.search(data) is None):
            return ()
        uses = list(self._uses(self._find(root)))
        places: list[Place] = []
        siblings = Siblings()
        for use, detail in _wrong(uses):
            if len(places) == MOST_PLACES:
                more = Place(keyword="more", detail="more faults follow; these are the first")
                return (*places, more)
            wire = wire_path(
                use.element, namespaces=namespaces, attribute=use.attribute, siblings=siblings
            )
            places.append(Place(keyword="identifier", detail=detail, wire=wire))
        return tuple(places)

    def _uses(self, found: object) -> Iterator[_Use]:
        for node in found if isinstance(found, list) else []:
            if etree.iselement(node):
                element, attribute, value = node, None, node.text or ""
            else:
                element, attribute, value = node.getparent(), node.attrname, str(node)
            name = etree.QName(attribute or element)
            # What a wildcard lets in is not declared here, whatever it is called.
            if not {name.namespace, etree.QName(element).namespace} <= self._namespaces:
                continue
            local = name.localname
            kind = self._names["@" if attribute else "", local]
            yield _Use(element=element, attribute=attribute, kind=kind, value=value)


def _wrong(uses: list[_Use]) -> Iterator[tuple[_Use, str]]:
    known: set[str] = set()
    for use in uses:
        value = use.value.strip()
        if use.kind == "ID":
            if value in known:
                yield use, "an identifier that is there twice"
            known.add(value)
    for use in uses:
        if use.kind != "ID" and not known.issuperset(use.value.split()):
            yield use, "a reference to an identifier that is not there"


def _expression(names: Mapping[Name, Kind]) -> str:
    parts = []
    for mark in ("@", ""):
        tests = [f"local-name()='{local}'" for kind, local in names if kind == mark]
        if tests:
            parts.append(f"//{mark}*[{' or '.join(tests)}]")
    return " | ".join(parts)


def _names(files: SchemaSet) -> dict[Name, Kind]:
    contents = [(files.folder / name).read_bytes() for name in files.files]
    if not any(_MENTIONED.search(content) for content in contents):
        return {}
    roots = [etree.fromstring(content, schema_parser()) for content in contents]
    types = _types(roots)
    kinds: dict[Name, set[Kind | None]] = {}
    for mark, tag in (("@", "attribute"), ("", "element")):
        for node in _all(roots, tag):
            local = node.get("name")
            if local is not None:
                name: Name = ("@" if mark else "", local)
                kinds.setdefault(name, set()).add(_kind(node, types))
    return {
        name: kind
        for name, found in kinds.items()
        if len(found) == 1 and (kind := next(iter(found))) is not None
    }


def _types(roots: list[etree._Element]) -> dict[str, Kind]:
    """Named simple types that are identifiers, by local name."""
    types: dict[str, Kind] = {}
    named = [node for node in _all(roots, "simpleType") if node.get("name")]
    for _ in range(_DEEPEST):
        for node in named:
            kind = _derived(node, types)
            if kind is not None:
                types[node.get("name", "")] = kind
    return types


def _kind(node: etree._Element, types: Mapping[str, Kind]) -> Kind | None:
    if "type" in node.attrib:
        return _named(node, node.attrib["type"], types)
    inline = node.find(f"{{{XSD}}}simpleType")
    return None if inline is None else _derived(inline, types)


def _derived(simple_type: etree._Element, types: Mapping[str, Kind]) -> Kind | None:
    restriction = simple_type.find(f"{{{XSD}}}restriction[@base]")
    return None if restriction is None else _named(restriction, restriction.attrib["base"], types)


def _named(node: etree._Element, name: str, types: Mapping[str, Kind]) -> Kind | None:
    prefix, _, local = name.rpartition(":")
    if node.nsmap.get(prefix or None) == XSD:
        return _KINDS.get(local)
    return types.get(local)


def _all(roots: list[etree._Element], tag: str) -> Iterator[etree._Element]:
    for root in roots:
        yield from root.iter(f"{{{XSD}}}{tag}")
