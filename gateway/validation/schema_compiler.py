"""Compile a schema set with libxml2.

The files are handed over one by one under addresses of our own, so libxml2 opens neither file nor
connection. What is on disk stays as it is; the one thing that libxml2 misreads is put differently
on the way.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote
from xml.sax.saxutils import quoteattr

from lxml import etree
from typing_extensions import override

from gateway.errors import ConfigurationError, Place
from gateway.validation.quick_schema import PlainText, quicken
from gateway.validation.schema_locations import schema_parser
from gateway.validation.schema_set import XSD, SchemaSet

if TYPE_CHECKING:
    from lxml.etree._docloader import _InputDocument

_SCHEME = "schema-set://"
# libxml2 takes a negated class inside brackets for its opposite; without brackets it is right.
_NEGATED_CLASS = re.compile(rb"\[(\\P\{[A-Za-z]{1,2}\})\]")
_ALL = ".all.xsd"
_MOST_PLACES = 20


def compile_schema_set(files: SchemaSet) -> etree.XMLSchema:
    """Compile all entries of a set as one schema.

    Raises:
        ConfigurationError: libxml2 does not take the files as XSD 1.0; names file and line.
    """
    return _compile(files, _SetResolver(files, _wrappers(files)))


def compile_quickly(files: SchemaSet) -> tuple[etree.XMLSchema, PlainText]:
    """Compile a set put differently; see ``quick_schema``.

    Returns:
        The schema, and the messages for which its yes is the yes of the published one.

    Raises:
        ConfigurationError: As ``compile_schema_set``.
    """
    resolver = _QuickResolver(files, _wrappers(files))
    return _compile(files, resolver), PlainText(resolver.repertoires)


def _compile(files: SchemaSet, resolver: "_SetResolver") -> etree.XMLSchema:
    parser = schema_parser()
    parser.resolvers.add(resolver)
    address = _address(files.entries[0] if len(files.entries) == 1 else _ALL)
    try:
        tree = etree.fromstring(resolver.content(address), parser, base_url=address)
        return etree.XMLSchema(tree)
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        raise _not_compiled(error) from None


class _SetResolver(etree.Resolver):
    """Answers libxml2 from the set; anything else is refused, never fetched."""

    def __init__(self, schema_set: SchemaSet, wrappers: Mapping[str, bytes]) -> None:
        super().__init__()
        self._set = schema_set
        self._wrappers = wrappers

    @override
    def resolve(
        self, system_url: str | None, public_id: str | None, context: object, /
    ) -> "_InputDocument | None":
        address = system_url or "nothing"
        target = self._set.addresses.get(address)
        address = _address(target) if target else address
        return self.resolve_string(self.content(address), context, base_url=address)

    def content(self, address: str) -> bytes:
        name = unquote(address.removeprefix(f"{_SCHEME}/"))
        if name in self._wrappers:
            return self._wrappers[name]
        if name not in self._set.files or not address.startswith(_SCHEME):
            raise ConfigurationError(f"a schema refers to {address}, which is not in the set")
        content = (self._set.folder / name).read_bytes()
        return _NEGATED_CLASS.sub(rb"\1", content)


class _QuickResolver(_SetResolver):
    """Hands over the schemas put differently; collects which characters need no look."""

    def __init__(self, schema_set: SchemaSet, wrappers: Mapping[str, bytes]) -> None:
        super().__init__(schema_set, wrappers)
        self.repertoires: list[frozenset[str]] = []

    @override
    def content(self, address: str) -> bytes:
        schema = etree.fromstring(super().content(address), schema_parser())
        self.repertoires += quicken(schema)
        return etree.tostring(schema)


def _address(name: str) -> str:
    return f"{_SCHEME}/{quote(name)}"


def _wrappers(schema_set: SchemaSet) -> dict[str, bytes]:
    """Write the schemas that bring several entries together, one a namespace and one for all.

    libxml2 takes one import a namespace, so entries of the same namespace are included by a
    wrapper of that namespace first.
    """
    groups: dict[str | None, list[str]] = {}
    for name in schema_set.entries:
        groups.setdefault(schema_set.files[name].namespace, []).append(name)
    wrappers: dict[str, bytes] = {}
    lines = []
    for number, (namespace, names) in enumerate(groups.items()):
        if namespace is None:
            lines += [_include(name) for name in names]
            continue
        target = names[0]
        if len(names) > 1:
            target = f".all-{number}.xsd"
            wrappers[target] = _schema([_include(name) for name in names], namespace)
        lines.append(
            f"<xs:import namespace={quoteattr(namespace)} schemaLocation="
            f"{quoteattr(_address(target))}/>"
        )
    wrappers[_ALL] = _schema(lines, None)
    return wrappers


def _include(name: str) -> str:
    return f"<xs:include schemaLocation={quoteattr(_address(name))}/>"


def _schema(lines: Iterable[str], namespace: str | None) -> bytes:
    target = f" targetNamespace={quoteattr(namespace)}" if namespace else ""
    return f'<xs:schema xmlns:xs="{XSD}"{target}>{"".join(lines)}</xs:schema>'.encode()


def _not_compiled(error: etree.LxmlError) -> ConfigurationError:
    places = [
        Place(
            keyword="schema",
            detail=f"{unquote(entry.filename).removeprefix(f'{_SCHEME}/')}, line {entry.line}",
        )
        for entry in list(error.error_log)[:_MOST_PLACES]
    ]
    return ConfigurationError("libxml2 does not take the set as XSD 1.0", places=places)
