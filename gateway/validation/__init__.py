"""Checks of documents and messages, and where their schemas come from."""

from gateway.validation.catalogue import SchemaCatalogue, SchemaSource, shipped_schemas
from gateway.validation.code_list import CodeList
from gateway.validation.code_list_catalogue import CodeKind, CodeListCatalogue, CodeStatus
from gateway.validation.code_list_diff import CodeListDiff, compare_editions
from gateway.validation.code_list_install import CodeListManifest, install_code_lists
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
    "CodeKind",
    "CodeList",
    "CodeListCatalogue",
    "CodeListDiff",
    "CodeListManifest",
    "CodeStatus",
    "DocumentSchema",
    "InstalledSchemas",
    "JsonValue",
    "SchemaCatalogue",
    "SchemaSource",
    "WireSchema",
    "XmlDocument",
    "caller_schema",
    "compare_editions",
    "install_code_lists",
    "install_schemas",
    "list_installed",
    "parse_json",
    "parse_xml",
    "shipped_schemas",
    "show_installed",
    "wire_path",
]
