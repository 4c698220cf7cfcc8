"""Checks of documents and messages, and where their schemas come from."""

from gateway.validation.catalogue import SchemaCatalogue, SchemaSource, shipped_schemas
from gateway.validation.install import (
    InstalledSchemas,
    install_schemas,
    list_installed,
    show_installed,
)
from gateway.validation.json_document import JsonValue, parse_json
from gateway.validation.json_schema import DocumentSchema, caller_schema
from gateway.validation.wire_path import wire_path
from gateway.validation.xml_document import XmlDocument, parse_xml
from gateway.validation.xml_schema import WireSchema

__all__ = [
    "DocumentSchema",
    "InstalledSchemas",
    "JsonValue",
    "SchemaCatalogue",
    "SchemaSource",
    "WireSchema",
    "XmlDocument",
    "caller_schema",
    "install_schemas",
    "list_installed",
    "parse_json",
    "parse_xml",
    "shipped_schemas",
    "show_installed",
    "wire_path",
]
