"""What each key of an adapter's YAML files holds, in the words that an editor shows.

Which keys there are is the engine's own table; a key of it without an entry here cannot be shown.
"""

from typing import Any

from gateway.translation.forms.computed import FUNCTIONS
from gateway.translation.forms.one_way import DIRECTIONS
from gateway.translation.keys import LIST
from gateway.translation.values import VALUE_TYPES

Schema = dict[str, Any]

_SCALAR = ["string", "number", "boolean"]
_ONE_NAME = r"^(\.|\$.+|@?([^\s:/\[\]@<>&'\"=]+:)?[^\s:/\[\]@<>&'\"=]+)$"


def _text(description: str, **more: Any) -> Schema:
    return {"description": description, "type": "string", "minLength": 1, **more}


def _switch(description: str) -> Schema:
    return {"description": description, "type": "boolean"}


def _scalar(description: str) -> Schema:
    return {"description": description, "type": _SCALAR}


def _scalars(description: str, **more: Any) -> Schema:
    inner = {"additionalProperties": {"type": _SCALAR}, **more}
    return {"description": description, "type": "object", **inner}


RULE_VALUES: dict[str, Schema] = {
    "api": _text("Canonical field; dots go into objects, `.` is the array item itself."),
    "as": {"description": "Value type.", "enum": sorted(VALUE_TYPES)},
    "choice": _text("Canonical field that names the branch taken."),
    "codes": _scalars("Wire code to canonical word."),
    "computed": _text(
        "Number that follows from the rest: count, sum, length of a field, or index.",
        pattern=f"^({'|'.join(FUNCTIONS)})( |$)",
    ),
    "const": _scalar("Text that the standard fixes."),
    "correlates": _switch("Whether later answers are joined on it."),
    "default": {"description": "Canonical value of an absent node."},
    "drop": _text("Why the value is thrown away when read."),
    "fallback": _text("Word for codes that the table does not translate."),
    "join": {
        "description": "Canonical fields that stand in one node.",
        "type": "array",
        "minItems": 2,
        "items": {"type": "string"},
    },
    "keep": _text("Why it is kept beside the document for the way back."),
    "lastOptional": _switch("Whether the last part may be missing."),
    "length": {"description": "Most characters on the wire.", "type": "integer", "minimum": 1},
    "list": {
        "description": "Code list of its codes: a text each, or `@name` of an attribute beside.",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: {"type": _SCALAR} for key in sorted(LIST)},
        "required": sorted(LIST),
    },
    "on": _text("Attribute that says which kind an element is, `@xsi:type`.", pattern="^[@$]"),
    "only": {"description": "The one direction it travels in.", "enum": sorted(DIRECTIONS)},
    "opaque": _text("Canonical field that holds the subtree as canonical XML."),
    "optional": _switch("Whether it may be absent, in both directions."),
    "parts": {
        "description": "Children that hold a partial date, by its precision.",
        "type": "object",
        "additionalProperties": False,
        "properties": {part: {"type": "string"} for part in ("day", "month", "year")},
    },
    "preferred": _scalars("Canonical word to the code that is written for it."),
    "python": _text("Class with decode and encode, `module:Class`.", pattern="^(\\$|[^:]+:[^:]+$)"),
    "reason": _text("Why it travels one way only."),
    "separator": _scalar("What stands between two parts."),
    "supply": _text("Name of the value that the gateway fills in where the caller says nothing."),
    "truncate": _text("Why a text may be cut to its length on the wire."),
    "unsupported": _text("Why it is refused."),
    "use": _text("Name of the fragment."),
    "where": _scalars(
        "The constant that tells elements of one name apart.", minProperties=1, maxProperties=1
    ),
    "wire": _text("One name: `x:name`, `@name`, or `.` for the own text.", pattern=_ONE_NAME),
    "zip": _text("Canonical array whose items stand in parallel lists of elements."),
    "with": {"description": "Values of the fragment's parameters.", "type": "object"},
    "write": {"description": "Whether what is optional is written.", "enum": ["always", "never"]},
}
"""Keys of rules, but for those that hold rules."""

MAP_VALUES: dict[str, Schema] = {
    "api": _text("Path of the canonical schema under schemas/."),
    "include": {
        "description": "Files of fragments beside the map.",
        "type": ["array", "null"],
        "items": {"type": "string"},
    },
    "leftovers": {"description": "What no rule mentions is refused.", "const": "refuse"},
    "map": _text("Name of the map, unique in the adapter."),
    "version": {"description": "Counted from 1.", "type": "integer"},
    "wire": {"description": "The message it translates."},
}
"""Keys at the top of a map, but for ``rules``."""

WIRE_VALUES: dict[str, Schema] = {
    "format": {"const": "xml"},
    "namespaces": {
        "description": "Prefix to namespace.",
        "type": "object",
        "additionalProperties": {"type": "string"},
    },
    "root": _text("Root element of the message."),
    "schema": _text("Standard and edition in the schema catalogue, `xmeld/25.11a`."),
}
"""Keys under ``wire`` at the top of a map."""

MANIFEST_VALUES: dict[str, Schema] = {
    "adapter": _text("Name of the adapter."),
    "edition": _text("Edition of the standard, as text."),
    "operations": {"description": "Operation and version to its maps, `residents/search/v1`."},
    "standard": _text("Name of the standard."),
    "test": {
        "description": "What `adapter test` expects.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "accepted": {
                "description": "Share of generated documents that the maps can express.",
                "type": ["number", "string"],
            }
        },
        "required": ["accepted"],
    },
    "transports": {
        "description": "Names of the transports it goes with.",
        "type": "array",
        "items": {"type": "string"},
    },
    "version": {"description": "Version of the adapter, counted from 1.", "type": "integer"},
    "wireSchema": _text("Wire schema of the standard, `xmeld/25.11a`."),
}
"""Keys of a manifest."""
