"""Wire schemas in XML Schema 1.1, or that break rules of 1.0 which libxml2 insists on.

xmlschema judges these, a hundred times slower than libxml2; it is imported and built only when such
a schema is used. Kept out: XML Schema 1.0 (``xml_schema``).
"""

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from lxml import etree
from typing_extensions import override

from gateway.errors import Place
from gateway.validation.schema_set import SchemaSet
from gateway.validation.xml_schema import WireSchema

if TYPE_CHECKING:
    from gateway.validation.xml_reference import ReferenceSchema


MOST_PREFIXES = 250
"""Namespace declarations that may be in force at one place: xmlschema copies all of them for every
element inside, which a hostile message can make last for minutes."""


class ThoroughSchema(WireSchema):
    """A wire schema that xmlschema checks; may be used from several threads, one at a time."""

    def __init__(self, files: SchemaSet, *, name: str) -> None:
        """Remember the set; ``build`` or the first check compiles it."""
        self.name = name
        self.files = files
        self._reference: ReferenceSchema | None = None
        self._waiting = Lock()

    def build(self) -> None:
        """Compile the set now.

        Raises:
            ConfigurationError: xmlschema does not take it.
        """
        with self._waiting:
            self._built().build()

    @override
    def check(
        self,
        message: "etree._Element | etree._ElementTree[etree._Element]",
        *,
        namespaces: Mapping[str, str] | None = None,
        data: bytes = b"",
    ) -> tuple[Place, ...]:
        root: etree._Element = message if etree.iselement(message) else message.getroot()
        if _most_prefixes(root) > MOST_PREFIXES:
            detail = f"More than {MOST_PREFIXES} namespace declarations are in force at one place."
            return (Place(keyword="limit", detail=detail, wire="/*"),)
        with self._waiting:
            return self._built().check(root, namespaces=namespaces)

    def _built(self) -> "ReferenceSchema":
        # Importing xmlschema takes a fifth of a second that other standards should not pay.
        from gateway.validation.xml_reference import ReferenceSchema  # noqa: PLC0415 - see above

        if self._reference is None:
            self._reference = ReferenceSchema(self.files, xsd="1.1")
        return self._reference


def _most_prefixes(root: etree._Element) -> int:
    most = present = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        present += 1 if event == "start-ns" else -1
        most = max(most, present)
    return most
