"""The slow, thorough check of XML messages, with xmlschema.

Used by tests and by the adapter kit to prove that libxml2 (``xml_schema``) judges alike, and where
our own check of ``xs:ID`` and ``xs:IDREF`` (``xml_identifiers``) goes by names only. Some hundred
times slower, so on a message's way for XML Schema 1.1 only (``thorough_schema``). Kept out of the
package's names on purpose: importing xmlschema takes a fifth of a second.
"""

from collections.abc import Mapping
from copy import deepcopy
from itertools import islice
from typing import Any, TypeAlias

import xmlschema
from lxml import etree

from gateway.errors import ConfigurationError, Place
from gateway.validation.manifest import XsdVersion
from gateway.validation.schema_set import SchemaSet
from gateway.validation.wire_path import wire_path
from gateway.validation.xml_faults import MOST_PLACES

_Schema: TypeAlias = xmlschema.XMLSchema10 | xmlschema.XMLSchema11

_LONGEST_REASON = 200


class ReferenceSchema:
    """One schema set as xmlschema reads it; built by the first check (XMeld: 2 s).

    Not for several threads.
    """

    def __init__(self, files: SchemaSet, *, xsd: XsdVersion = "1.0") -> None:
        self._files = files
        self._xsd = xsd
        self._schema: _Schema | None = None

    def build(self) -> None:
        """Build the schema now instead of with the first check.

        Raises:
            ConfigurationError: xmlschema does not take the set.
        """
        if self._schema is None:
            self._schema = self._build()

    def check(
        self, root: etree._Element, *, namespaces: Mapping[str, str] | None = None
    ) -> tuple[Place, ...]:
        """Return a place for the first 100 faults, all of keyword ``reference``; empty when valid.

        Args:
            root: The root element of a message.
            namespaces: Prefix to namespace for the paths.

        Raises:
            ConfigurationError: xmlschema does not take the set.
        """
        schema = self._schema = self._schema or self._build()
        root = _without_notes(root)
        # Where the message says schemas are (xsi:schemaLocation) is never looked at.
        message: Any = root  # lxml's elements are taken, but not in the annotations
        errors = schema.iter_errors(message, use_location_hints=False)
        return tuple(_place(error, root, namespaces or {}) for error in islice(errors, MOST_PLACES))

    def element(self, name: str) -> xmlschema.XsdElement | None:
        """The declaration of a global element by its Clark name; None where there is none.

        Raises:
            ConfigurationError: xmlschema does not take the set.
        """
        schema = self._schema = self._schema or self._build()
        return schema.maps.elements.get(name)

    def _build(self) -> _Schema:
        first, *others = (self._files.folder / name for name in self._files.entries)
        try:
            kind = xmlschema.XMLSchema11 if self._xsd == "1.1" else xmlschema.XMLSchema10
            schema = kind(
                str(first),
                build=False,
                # The set is complete and on this machine; nothing is ever fetched.
                allow="local",
                uri_mapper=self._local,
            )
            for path in others:
                schema.add_schema(str(path))
            schema.build()
        except (xmlschema.XMLSchemaException, OSError) as error:
            raise ConfigurationError(
                f"xmlschema does not take the set as XSD {self._xsd}; where its files contradict "
                "each other, name the one to start at with --entry",
                places=[Place(keyword="schema", detail=_reason(error), rule=first.name)],
            ) from None
        return schema

    def _local(self, uri: str) -> str:
        target = self._files.addresses.get(uri)
        return str(self._files.folder / target) if target else uri


def _reason(error: Exception) -> str:
    """What xmlschema says about a schema, which is no content of a message, in one line."""
    said = getattr(error, "message", None) or str(error) or type(error).__name__
    return str(said).splitlines()[0][:_LONGEST_REASON]


def _without_notes(root: etree._Element) -> etree._Element:
    """Return the message, or a copy: xmlschema takes a comment for a child element."""
    notes = (etree.Comment, etree.ProcessingInstruction)
    if next(root.iter(*notes), None) is None:
        return root
    copy = deepcopy(root)
    etree.strip_elements(copy, *notes, with_tail=False)
    return copy


def _place(
    error: xmlschema.XMLSchemaValidationError,
    root: etree._Element,
    namespaces: Mapping[str, str],
) -> Place:
    # Its message quotes values; the place is all that is taken from it.
    found: Any = error.elem
    element = found if etree.iselement(found) else root
    return Place(
        keyword="reference",
        detail="breaks the schema",
        wire=wire_path(element, namespaces=namespaces),
    )
