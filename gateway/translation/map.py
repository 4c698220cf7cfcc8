"""A map: one declarative file that translates a message in both directions.

``load_map`` is all a program needs; no server, no store. Reading and writing check the wire schema
and the canonical schema too, so that what comes out is valid on its side.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lxml import etree

from gateway.errors import ConfigurationError, NotExpressibleError, Place, SchemaViolationError
from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.characters import not_xml
from gateway.translation.claims import double_claims
from gateway.translation.compile import Compiler
from gateway.translation.consumed import Consumed
from gateway.translation.expand import load_fragments
from gateway.translation.forms.drop import Drop
from gateway.translation.forms.leaf import Leaf
from gateway.translation.head import head_faults
from gateway.translation.ledger import Ledger, Note, Run
from gateway.translation.numbering import sequence_faults, sequence_fields
from gateway.translation.places import Places
from gateway.translation.quick.completing import compile_completer
from gateway.translation.quick.lines import UnusualError
from gateway.translation.quick.reading import compile_reader
from gateway.translation.quick.writing import compile_writer
from gateway.translation.schema_view import SchemaView
from gateway.translation.scope import Scope
from gateway.translation.source import YamlMapping, load_yaml
from gateway.validation.catalogue import SchemaCatalogue, shipped_schemas
from gateway.validation.code_list_catalogue import CodeListCatalogue
from gateway.validation.wire_path import wire_path
from gateway.validation.xml_document import XmlDocument, parse_message

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NOTES = Note(
    wire="//comment() | //processing-instruction()",
    rule=None,
    reason="comments and processing instructions are not data",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a wire message says.

    Attributes:
        document: The canonical document, valid against the map's canonical schema.
        ledger: What became of every value.
        kept: Values carried beside the document, by numbered wire path; ``Map.write`` puts them
            back.
    """

    document: dict[str, Any]
    ledger: Ledger
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Writing:
    """The wire form of a document.

    Attributes:
        data: UTF-8 bytes, valid against the wire schema.
        ledger: What became of every value.
        kept: Full texts of what was cut, by numbered wire path; ``Map.read`` puts them back.
    """

    data: bytes
    ledger: Ledger
    kept: dict[str, Any] = field(default_factory=dict)


class Map:
    """A compiled map; immutable, may be used from several threads at once.

    Attributes:
        name: Name in the adapter, ``person-search``.
        version: Counted from 1.
        api: Path of its canonical schema under ``schemas/``.
        root: Clark name of the wire message's root element.
        namespaces: Prefix to namespace, as written.
        wire_schema: ``xmeld/25.11a``.
        correlates: JSON Pointers of the fields that answers are joined on.
        wire_schema_source: ``official:<sha256>`` or ``profile:<sha256>``.
        code_lists: Canonical URIs of the lists that its codes are of.
        sequences: Fields that hold numbers of sequences.
    """

    def __init__(self, source: YamlMapping, scope: Scope, schemas: SchemaCatalogue) -> None:
        wire = source["wire"]
        self.name: str = source["map"]
        self.version: int = source["version"]
        self.api: str = source["api"]
        self.namespaces: dict[str, str] = dict(wire["namespaces"])
        self.wire_schema: str = wire["schema"]
        self.root: str = _clark(wire["root"], self.namespaces)
        self.scope = scope
        self._canonical = schemas.canonical(self.api)
        self._wire = schemas.wire_schema(self.wire_schema)
        # A schema without mixed content has refused stray text before the rules see the message.
        self._mixed = self._wire.allows_mixed or self._wire.leaves_open(
            rule.name for rule in scope.everything() if hasattr(rule, "scope")
        )
        kind = schemas.source(self.wire_schema)
        self.wire_schema_source = f"{kind.kind}:{kind.checksum}"
        self.correlates = tuple(
            rule.place.pointer or ""
            for rule in scope.everything()
            if isinstance(rule, Leaf) and rule.correlates
        )
        named = (rule.code_list for rule in scope.everything() if isinstance(rule, Leaf))
        self.code_lists = frozenset(one.uri for one in named if one and isinstance(one.uri, str))
        self.sequences = sequence_fields(scope, SchemaView(self._canonical.schema))
        self._consumed = Consumed(scope, self._canonical.schema)
        self._places = Places(scope)
        declared = "".join(
            f' xmlns:{prefix}="{uri}"'
            for prefix, uri in self.namespaces.items()
            if prefix != "xml" and (prefix != "xsi" or _writes_xsi(scope))
        )
        scope.start += declared
        scope.open = f"{scope.start}>"
        self._reader = None if self._mixed else compile_reader(scope)
        self._writer = compile_writer(scope)
        self._complete = compile_completer(scope) or scope.complete

    @property
    def schema(self) -> dict[str, Any]:
        """The canonical schema of completed documents; not to be changed."""
        return self._canonical.schema

    @property
    def reference(self) -> str:
        """How messages remember it: standard, name and version, ``xmeld/person-search@1``."""
        standard = self.wire_schema.partition("/")[0]
        return f"{standard}/{self.name}@{self.version}"

    def read(self, data: bytes, *, kept: Mapping[str, Any] | None = None) -> Reading:
        """Translate a wire message into its canonical document.

        Args:
            data: The message.
            kept: What writing it kept beside the document; cut texts become whole again.

        Raises:
            MalformedBodyError: Not the XML that is taken.
            SchemaViolationError: It breaks the wire schema, the map or the canonical schema.
            NotExpressibleError: It is sound, but holds something no rule mentions.
        """
        return self.read_parsed(parse_message(data), data, kept=kept)

    def read_parsed(
        self, parsed: XmlDocument, data: bytes, *, kept: Mapping[str, Any] | None = None
    ) -> Reading:
        """The same for a message that ``parse_message`` has parsed from ``data``."""
        root = parsed.root
        if root.tag != self.root:
            raise SchemaViolationError(
                "The message is not what this map reads.",
                places=[Place(keyword="root", detail="Another root element.", wire="/*")],
            )
        in_utf8 = data if parsed.is_utf8 else b""
        faults = self._wire.check(root, namespaces=self.namespaces, data=in_utf8)
        if faults:
            raise SchemaViolationError(
                f"The message breaks the wire schema {self.wire_schema}.",
                places=[self._places.with_pointer(fault) for fault in faults],
            )
        document, run = self._read_quickly(root) or self._read_by_rules(root, kept)
        faults = self._canonical.check(document)
        if faults:
            raise SchemaViolationError(
                "The message says something that the canonical schema does not allow.",
                places=[self._places.with_wire(fault) for fault in faults],
            )
        dropped = (_NOTES,) if parsed.has_notes else ()
        ledger = run.ledger(self._path, dropped)
        return Reading(document=document, ledger=ledger, kept=run.kept)

    def write(
        self, document: Mapping[str, Any], *, kept: Mapping[str, Any] | None = None
    ) -> Writing:
        """Translate a completed document into the wire message.

        Nothing is supplied here; see ``complete``.

        Args:
            document: The document.
            kept: What reading kept beside it; all of it must find its place again.

        Raises:
            SchemaViolationError: The document breaks the canonical schema.
            NotExpressibleError: The wire format cannot carry a value of it.
        """
        faults = self._canonical.check(document)
        if faults:
            raise SchemaViolationError(
                "The completed document breaks its schema.",
                places=[self._places.with_wire(fault) for fault in faults],
            )
        unmapped = self._consumed.check(document)
        if unmapped:
            raise NotExpressibleError(
                "The authority's format has no place for a value.", places=unmapped
            )
        quick = None if kept else self._write_quickly(document)
        text, run = quick or self._write_by_rules(document, kept)
        try:
            data = text.encode("utf-8")
            self._check_written(data)
        except (UnicodeEncodeError, etree.XMLSyntaxError):
            raise self._no_xml(document) from None
        return Writing(data=data, ledger=run.ledger(self._path), kept=run.kept)

    def complete(self, document: Mapping[str, Any], supplies: Mapping[str, Any]) -> dict[str, Any]:
        """Fill the fields that the gateway supplies and the document leaves open.

        Pure: ``document`` is not changed, and neither are the supplied values.

        Args:
            document: A caller's document.
            supplies: Value of each supplied name that is known, e.g. ``message.id``.
        """
        filled = dict(document)
        self._complete(filled, supplies)
        return filled

    def _no_xml(self, document: Mapping[str, Any]) -> NotExpressibleError:
        faults = [self._places.with_wire(fault) for fault in not_xml(document)]
        if faults:
            return NotExpressibleError(
                "A text holds a character that XML does not allow.", places=faults
            )
        detail = "A text or the nesting passes a limit of XML parsers."
        return NotExpressibleError(
            "The document is no XML.", places=[Place(keyword="limit", detail=detail, pointer="")]
        )

    def _read_quickly(self, root: etree._Element) -> tuple[dict[str, Any], Run] | None:
        if self._reader is None:
            return None
        document: dict[str, Any] = {}
        run = Run(mixed=False)
        try:
            self._reader(root, document, run)
        except (UnusualError, BreachError):
            return None  # the rules say what it is, and where
        return document, run

    def _read_by_rules(
        self, root: etree._Element, kept: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Run]:
        document: dict[str, Any] = {}
        run = Run(mixed=self._mixed, given=kept)
        try:
            self.scope.read(root, document, run)
            for verify in run.deferred:
                verify()
        except BreachError as breach:
            raise self._read_refusal(breach) from None
        return document, run

    def _write_quickly(self, document: Mapping[str, Any]) -> tuple[str, Run] | None:
        if self._writer is None:
            return None
        out, run = [_DECLARATION], Run()
        try:
            self._writer(document, out, run)
        except (UnusualError, BreachError):
            return None  # the rules say what it is, and where
        return "".join(out), run

    def _write_by_rules(
        self, document: Mapping[str, Any], kept: Mapping[str, Any] | None
    ) -> tuple[str, Run]:
        out, run = [_DECLARATION], Run(given=kept)
        try:
            self.scope.write(document, out, run)
        except BreachError as breach:
            raise NotExpressibleError(
                "The authority's format cannot carry a value.",
                places=[_located(breach, None)],
            ) from None
        if run.given:
            raise NotExpressibleError(
                "The document has no place any more for what was kept beside it.",
                places=[
                    Place(keyword="kept", detail="Kept beside the document.", wire=path)
                    for path in run.given
                ],
            )
        return "".join(out), run

    def _check_written(self, data: bytes) -> None:
        root = etree.fromstring(data)
        faults = self._wire.check(root, namespaces=self.namespaces, data=data)
        if faults:
            raise NotExpressibleError(
                f"A value does not fit the wire schema {self.wire_schema}.",
                places=[self._places.with_pointer(fault) for fault in faults],
            )

    def _path(self, node: Any) -> str:
        return wire_path(node, namespaces=self.namespaces)

    def _read_refusal(self, breach: BreachError) -> SchemaViolationError | NotExpressibleError:
        wire = None
        if breach.node is not None:
            wire = wire_path(breach.node, namespaces=self.namespaces, attribute=breach.attribute)
            wire += breach.suffix
        places = [_located(breach, wire)]
        if breach.leftover:
            return NotExpressibleError(
                "The message holds something no rule mentions.", places=places
            )
        return SchemaViolationError("The message does not fit the map.", places=places)


def load_map(
    path: Path | str,
    *,
    schemas: SchemaCatalogue | None = None,
    lists: CodeListCatalogue | None = None,
) -> Map:
    """Read and compile one map file.

    Args:
        path: The ``*.map.yaml`` file; included fragments lie beside it.
        schemas: Where schemas are found; None: those shipped with the gateway.
        lists: Where editions of code lists are found; None: codes are not looked up.

    Raises:
        ConfigurationError: The map is wrong; every fault is listed with its place.
    """
    path = Path(path)
    schemas = schemas or SchemaCatalogue(installed=None, shipped=shipped_schemas())
    compiled = Map(*compile_rules(path, lists), schemas)
    faults = list(_linted(compiled))
    if faults:
        raise _wrong(path, faults)
    return compiled


def compile_rules(path: Path, lists: CodeListCatalogue | None = None) -> tuple[YamlMapping, Scope]:
    """Read a map file and compile its rules, without any schema: its head, and the root's scope.

    Raises:
        ConfigurationError: The map is wrong; what needs a schema to be seen is not looked at.
    """
    source = load_yaml(path)
    faults = list(head_faults(source))
    if faults:
        raise _wrong(path, faults)
    wire = source["wire"]
    fragments = load_fragments(path.parent, source.get("include") or [])
    compiler = Compiler(wire["namespaces"], fragments, lists)
    top = RulePlace(rule=source.place, pointer="", wire=f"/{wire['root']}")
    scope = cast("Scope", compiler.scope(source["rules"], top, wire["root"], ()))
    if compiler.faults:
        raise _wrong(path, compiler.faults)
    return source, scope


def _linted(compiled: Map) -> Iterator[Place]:
    view = SchemaView(compiled.schema)
    for rule in compiled.scope.everything():
        yield from rule.lint(view)
    yield from double_claims(compiled.scope)
    yield from sequence_faults(compiled.scope, view)


def _wrong(path: Path, faults: list[Place]) -> ConfigurationError:
    return ConfigurationError(f"The map {path.name} is wrong.", places=faults)


def _clark(printed: str, namespaces: Mapping[str, str]) -> str:
    prefix, colon, local = printed.partition(":")
    return f"{{{namespaces[prefix]}}}{local}" if colon else printed


def _writes_xsi(scope: Scope) -> bool:
    """Whether a written node needs the prefix; most messages are shorter without it."""
    return any("xsi:" in rule.printed and not isinstance(rule, Drop) for rule in scope.everything())


def _located(breach: BreachError, wire: str | None) -> Place:
    return breach.place.at(
        breach.indices,
        keyword=breach.keyword,
        detail=breach.detail,
        wire=wire,
        numbers=breach.numbers,
    )
