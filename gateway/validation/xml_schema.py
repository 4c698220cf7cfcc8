"""Check XML messages against an XML Schema 1.0, with libxml2.

The fast path asks for yes or no; the reasons are read only of a failing message, by ``xml_faults``.
libxml2 hardly checks ``xs:ID``/``xs:IDREF``; ``xml_identifiers`` does. Kept out: parsing
(``xml_document``) and where schemas are kept (``catalogue``).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

from lxml import etree

from gateway.errors import Place
from gateway.validation.schema_compiler import compile_quickly, compile_schema_set
from gateway.validation.schema_set import SchemaSet, open_schema_set
from gateway.validation.xml_faults import MOST_PLACES, list_wire_faults
from gateway.validation.xml_flood import faulty_beginning
from gateway.validation.xml_identifiers import IdentifierCheck


class WireSchema:
    """One compiled wire schema.

    May be used from several threads: an lxml schema keeps the log of its last validation, so
    validations of one ``WireSchema`` wait for each other (an uncontended lock costs 0.1 µs).

    Attributes:
        name: ``standard/edition``, for texts.
        files: The files it was compiled from.
    """

    def __init__(self, files: SchemaSet, *, name: str) -> None:
        """Compile a set.

        Raises:
            ConfigurationError: libxml2 does not take it.
        """
        self.name = name
        self.files = files
        self._schema = compile_schema_set(files)
        self._quick, self._plain = compile_quickly(files)
        self._identifiers = IdentifierCheck(files)
        self._lock = Lock()

    @classmethod
    def from_file(cls, path: Path, *, name: str) -> "WireSchema":
        """Compile one file and what it refers to beside it.

        Raises:
            ConfigurationError: It is missing, incomplete, or no schema.
        """
        return cls(open_schema_set(path.parent, entry=path.name), name=name)

    @property
    def roots(self) -> tuple[str, ...]:
        """Every global element, ``{namespace}name``, sorted."""
        return self.files.roots

    @property
    def allows_mixed(self) -> bool:
        """Whether text may stand between elements somewhere; False is certain."""
        return any(file.may_mix for file in self.files.files.values())

    def leaves_open(self, names: Iterable[str]) -> bool:
        """Whether a wildcard may let elements of these names through with anything in them.

        Args:
            names: Element names, ``{namespace}name`` or without a namespace.
        """
        files = self.files.files.values()
        if not any(file.is_open for file in files):
            return False
        declared = frozenset[str]().union(*(file.names for file in files))
        return any(name.rpartition("}")[2] not in declared for name in names)

    def check(
        self,
        message: "etree._Element | etree._ElementTree[etree._Element]",
        *,
        namespaces: Mapping[str, str] | None = None,
        data: bytes = b"",
    ) -> tuple[Place, ...]:
        """Return every fault of a message, each with its wire path; empty when it is valid.

        Args:
            message: The whole message: its root element or its tree. Not changed.
            namespaces: Prefix to namespace for the paths, as the map declares them; other
                namespaces keep the prefix that the message uses.
            data: The UTF-8 bytes it was parsed from, if it came in UTF-8: they save time.

        Returns:
            At most 100 places; a last one of keyword ``more`` says when faults were left out.
        """
        root = _root(message)
        with self._lock:
            if not self._is_flooded(root, data) and self._is_valid(message, data):
                return self._identifiers.check(root, namespaces=namespaces or {}, data=data)
            log = list(self._schema.error_log)
        return list_wire_faults(log, root, namespaces=namespaces or {})

    def _is_valid(
        self, message: "etree._Element | etree._ElementTree[etree._Element]", data: bytes
    ) -> bool:
        if data and self._plain.holds(data) and self._quick.validate(message):
            return True
        return self._schema.validate(message)

    def _is_flooded(self, root: etree._Element, data: bytes) -> bool:
        """Whether the log already holds more faults than are listed, of the message's beginning."""
        beginning = faulty_beginning(self._schema, root, source=data)
        if beginning is None:
            return False
        self._schema.validate(beginning)
        return len(self._schema.error_log) > 2 * MOST_PLACES


def _root(message: "etree._Element | etree._ElementTree[etree._Element]") -> etree._Element:
    # lxml has no public name for its two classes to ask isinstance with.
    root: etree._Element = message if etree.iselement(message) else message.getroot()
    return root
