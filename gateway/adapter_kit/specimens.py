"""One small, complete map for each rule form, and a broken one that must be refused.

A test walks the list of forms and runs the laws on each specimen: a form without one cannot be
added. The wire schema takes anything, so what is refused is refused by the rules themselves.
Kept out: the specimens themselves (``specimen_values``, ``specimen_texts``,
``specimen_structures``).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.adapter_kit.specimen_kinds import KINDS
from gateway.adapter_kit.specimen_structures import STRUCTURES
from gateway.adapter_kit.specimen_texts import TEXTS
from gateway.adapter_kit.specimen_values import VALUES
from gateway.translation.map import Map, load_map
from gateway.validation.catalogue import SchemaCatalogue

_HEAD = """map: specimen
version: 1
api: specimen.schema.json
wire:
  format: xml
  schema: specimen/1
  root: s:message
  namespaces:
    s: "urn:specimen"
    x: "urn:extra"
    i: "http://www.w3.org/2001/XMLSchema-instance"
include: [{include}]
rules:
{rules}
"""

_ANY_CONTENT = (
    '<xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></xs:sequence>'
    '<xs:anyAttribute processContents="lax"/>'
)
_ANYTHING = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:specimen">'
    '<xs:element name="message" type="xs:anyType"/>'
    # A type that a message names must be one, whatever else is taken.
    f'<xs:complexType name="Person" mixed="true">{_ANY_CONTENT}</xs:complexType>'
    f'<xs:complexType name="Office" mixed="true">{_ANY_CONTENT}</xs:complexType>'
    "</xs:schema>"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Specimen:
    """A map that uses a form, and one that misuses it.

    Attributes:
        name: What it shows, ``choice with otherwise``.
        form: Name of the form, a key of ``FORMS``.
        rules: The rules as YAML.
        broken: Rules with a fault that loading must find.
        schema: The canonical schema of both.
        fragments: Content of a fragments file; empty: none.
        messages: Messages in other spellings than the map's own, without the root element's end
            tags: ``' mark="x"><s:a/>'``; they are accepted, and the ledger says where they differ.
        refused: The same, and they are refused.
    """

    name: str
    form: str
    rules: str
    broken: str
    schema: Mapping[str, Any]
    fragments: str = ""
    messages: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def load(self, folder: Path, *, broken: bool = False) -> Map:
        """Write the specimen's files into an empty folder and load its map.

        Raises:
            ConfigurationError: Always, where ``broken``.
        """
        path = folder / "specimen.map.yaml"
        rules = self.broken if broken else self.rules
        include = "specimen.fragments.yaml" if self.fragments else ""
        path.write_text(_HEAD.format(rules=rules, include=include), encoding="utf-8")
        if self.fragments:
            (folder / include).write_text(self.fragments, encoding="utf-8")
        schema = json.dumps(self.schema)
        (folder / "specimen.schema.json").write_text(schema, encoding="utf-8")
        profile = folder / "wire" / "specimen" / "1.xsd"
        profile.parent.mkdir(parents=True, exist_ok=True)
        profile.write_text(_ANYTHING, encoding="utf-8")
        return load_map(path, schemas=SchemaCatalogue(installed=None, shipped=folder))


def wire_message(inside: str) -> bytes:
    """A whole message from what stands inside its root element's tags."""
    return f'<s:message xmlns:s="urn:specimen"{inside}</s:message>'.encode()


def specimens() -> tuple[Specimen, ...]:
    """Every specimen; each form has at least one."""
    return tuple(Specimen(**fields) for fields in (*VALUES, *TEXTS, *STRUCTURES, *KINDS))
