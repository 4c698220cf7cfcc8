"""Small maps for tests: rules as text, a canonical schema, a wire schema that takes anything."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ConfigurationError, GatewayError, Place
from gateway.translation import Map, load_map
from gateway.validation.catalogue import SchemaCatalogue
from gateway.validation.code_list_catalogue import CodeListCatalogue

STR: dict[str, Any] = {"type": "string"}
INT: dict[str, Any] = {"type": "integer"}
BOOL: dict[str, Any] = {"type": "boolean"}

OPEN_XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<xs:element name="m"/><xs:element name="n"/></xs:schema>"""

HEAD = """map: {name}
version: 1
api: test/v1/doc.schema.json
wire:
  format: xml
  schema: test/1
  root: x:{root}
  namespaces: {{ x: "urn:t", xsi: "http://www.w3.org/2001/XMLSchema-instance" }}
include: [{include}]
rules:
"""


def obj(optional: str = "", /, **properties: Any) -> dict[str, Any]:
    """An object schema; fields are required but for those named in ``optional``."""
    left_out = optional.split()
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": [name for name in properties if name not in left_out],
    }


def arr(items: Any) -> dict[str, Any]:
    """An array schema, never empty."""
    return {"type": "array", "minItems": 1, "items": items}


def tag(value: str) -> dict[str, Any]:
    """A discriminator's value."""
    return {"type": "string", "const": value}


class Maker:
    """Makes maps in folders of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def write(self, rules: str, schema: Mapping[str, Any], **options: Any) -> Path:
        """Write the map and its schemas; options: ``xsd``, ``fragments``, ``name``, ``root``."""
        self._count += 1
        folder = self._folder / str(self._count)
        included: dict[str, str] = options.get("fragments", {})
        head = HEAD.format(
            name=options.get("name", "test"),
            root=options.get("root", "m"),
            include=", ".join(included),
        )
        files = {
            "schemas/test/v1/doc.schema.json": json.dumps(schema),
            "schemas/wire/test/1.xsd": options.get("xsd", OPEN_XSD),
            "maps/test.map.yaml": head + rules,
            **{f"maps/{name}": text for name, text in included.items()},
        }
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder / "maps" / "test.map.yaml"

    def load(self, path: Path, lists: CodeListCatalogue | None = None) -> Map:
        return load_map(path, schemas=catalogue(path.parent.parent), lists=lists)

    def __call__(self, rules: str, schema: Mapping[str, Any], **options: Any) -> Map:
        """The map; further option: ``lists``, the code lists that are installed."""
        return self.load(self.write(rules, schema, **options), options.get("lists"))

    def faults(self, rules: str, schema: Mapping[str, Any], **options: Any) -> list[Place]:
        """The faults of a map that must not load."""
        with pytest.raises(ConfigurationError) as caught:
            self(rules, schema, **options)
        assert caught.value.places, "a fault without a place"
        return list(caught.value.places)


def catalogue(folder: Path) -> SchemaCatalogue:
    return SchemaCatalogue(installed=None, shipped=folder / "schemas")


def wire(inside: str = "", attributes: str = "", root: str = "m") -> bytes:
    """A message with this inside its root."""
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    return f'<x:{root} xmlns:x="urn:t" {xsi} {attributes}>{inside}</x:{root}>'.encode()


def written(compiled: Map, document: Mapping[str, Any]) -> str:
    """What stands inside the root, with the attributes of the root before it."""
    text = compiled.write(document).data.decode()
    start = text.index("<x:") + len("<x:m")
    return text[start : text.rindex("</x:")].replace(' xmlns:x="urn:t"', "").removeprefix(">")


def refused(error: GatewayError) -> tuple[str, str | None, str | None]:
    """The only place of a refusal: keyword, pointer, path; it also names file and line."""
    (place,) = error.places
    assert place.rule is None or place.rule.partition(":")[2].isdigit()
    return place.keyword, place.pointer, place.wire
