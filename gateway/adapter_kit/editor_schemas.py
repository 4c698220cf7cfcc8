"""JSON Schemas with which editors complete and check an adapter's YAML files.

Generated from the tables of keys that the engine itself uses, so they know the same words::

    python -m gateway.adapter_kit.editor_schemas --write | --check

Kept out: what each key holds (``editor_keys``), and everything that only loading can see: names of
fields, wire names, fragments.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.adapter_kit.editor_keys import MANIFEST_VALUES, MAP_VALUES, RULE_VALUES, WIRE_VALUES
from gateway.registry import MANIFEST_KEYS, MANIFEST_NEEDED, SIDES
from gateway.translation.expand import FRAGMENT_KEYS
from gateway.translation.head import MAP_KEYS, MAP_NEEDED, WIRE_KEYS, WIRE_NEEDED
from gateway.translation.keys import HEAD, KEYS, VALUE
from gateway.validation.catalogue import shipped_schemas

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PARAMETER = {"type": "string", "pattern": "^\\$"}
_RULES: Schema = {"type": "array", "items": {"$ref": "#/$defs/rule"}}
_BRANCHES: Schema = {"type": "array", "items": {"$ref": "#/$defs/branch"}}
_KINDS: Schema = {"type": "array", "items": {"$ref": "#/$defs/kind"}}
_IS: Schema = {"description": "What the attribute says; left out: it is absent.", "type": "string"}
_OTHERWISE: Schema = {"description": "The branch without wire nodes.", "const": True}
_WHEN: Schema = {
    "description": "Value of the tag that names this branch.",
    "type": ["string", "number", "boolean"],
}


def editor_schemas() -> Mapping[str, Schema]:
    """Every schema by the name of its file."""
    return {
        "map.schema.json": _map(),
        "fragments.schema.json": _fragments(),
        "adapter.schema.json": _manifest(),
    }


def texts() -> Mapping[str, str]:
    """The files' contents by their names."""
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in editor_schemas().items()
    }


def main(arguments: list[str] | None = None) -> int:
    """Run from a command line; 0, or 1 where ``--check`` found an outdated file."""
    parser = argparse.ArgumentParser(description="Generate the schemas for editors.")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write what differs")
    mode.add_argument("--check", action="store_true", help="only say what differs")
    parser.add_argument("--schemas", type=Path, help="folder of schemas; default: the shipped one")
    options = parser.parse_args(arguments)
    folder = (options.schemas or shipped_schemas()) / "adapter"
    differing = [
        (folder / name, text) for name, text in texts().items() if not _holds(folder / name, text)
    ]
    for path, text in differing:
        if options.write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(
            f"{path}: {'written' if options.write else 'outdated, run with --write'}\n"
        )
    return 1 if options.check and differing else 0


def _map() -> Schema:
    wire = _object(WIRE_VALUES, WIRE_KEYS, required=WIRE_NEEDED.keys() | {"format"})
    values = {**MAP_VALUES, "wire": {**MAP_VALUES["wire"], **wire}, "rules": _RULES}
    return {
        "$schema": _DIALECT,
        "title": "A map of an adapter, *.map.yaml",
        **_object(values, MAP_KEYS, required=MAP_NEEDED),
        "$defs": _definitions(parameters=False),
    }


def _fragments() -> Schema:
    values = {
        "parameters": {
            "description": "Names of the parameters; what has no value must be given by `with`.",
            "type": ["object", "null"],
        },
        "rules": _RULES,
    }
    fragment = _object(values, FRAGMENT_KEYS, required=("rules",))
    return {
        "$schema": _DIALECT,
        "title": "Fragments of maps, *.fragments.yaml",
        "type": "object",
        "properties": {"fragments": {"type": "object", "additionalProperties": fragment}},
        "required": ["fragments"],
        "$defs": _definitions(parameters=True),
    }


def _manifest() -> Schema:
    entry = _object(
        {
            "map": {"description": "Name of a map, without .map.yaml.", "type": "string"},
            "when": {
                "description": "Canonical fields with the values that select this map.",
                "type": "object",
            },
        },
        ("map", "when"),
        required=("map",),
    )
    entries = {"type": "array", "minItems": 1, "items": entry}
    operation = _object(dict.fromkeys(SIDES, entries), SIDES, required=("request",))
    operations = {"type": "object", "additionalProperties": operation}
    values = {**MANIFEST_VALUES, "operations": {**MANIFEST_VALUES["operations"], **operations}}
    return {
        "$schema": _DIALECT,
        "title": "The manifest of an adapter, adapter.yaml",
        **_object(values, MANIFEST_KEYS, required=MANIFEST_NEEDED),
    }


def _definitions(*, parameters: bool) -> Schema:
    """Keys, rules and branches; in fragments any value may be a parameter, ``$name``."""
    values = {**RULE_VALUES, "rules": _RULES, "branches": _BRANCHES, "kinds": _KINDS}
    values["lists"] = {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/column"}}
    if parameters:
        values = {key: _or_parameter(value) for key, value in values.items()}
    named = {key: {"$ref": f"#/$defs/{key}"} for key in values}
    plain = {
        **named,
        "group": _object(named, HEAD, required={"wire"}),
        "each": _object(named, HEAD | VALUE, required={"wire"}),
    }
    forms = [
        _object(plain, keys, required={form})
        for form, keys in sorted(KEYS.items())
        if form not in ("choice", "group", "each")
    ]
    forms += _holding(plain, _object(named, HEAD - {"wire"}, required={"api"}))
    branches = [
        *(_branch(form) for form in forms),
        _branch(_object(plain, {"rules"}, required={"rules"})),
        _branch(_object({"otherwise": _OTHERWISE}, {"otherwise"}, required={"otherwise"})),
    ]
    said = {**plain, "is": _IS}
    return {
        **values,
        "rule": {"anyOf": forms},
        "branch": {"anyOf": branches},
        "kind": _branch(_object(said, {"is", "rules"}, required={"rules"})),
        "column": _object(plain, KEYS["api"], required={"api", "wire"}),
    }


def _holding(plain: Mapping[str, Schema], nameless: Schema) -> Iterator[Schema]:
    """Rules that hold others: rules, the branches of a choice, or kinds told by an attribute."""
    branching = {**plain, "rules": plain["branches"]}
    kinds = {**plain, "rules": plain["kinds"]}
    yield _object(branching, KEYS["choice"], required={"choice", "rules"})
    yield _object(plain, KEYS["group"] - {"choice", "on"}, required={"group", "rules"})
    yield _object(branching, KEYS["group"] - {"on"}, required={"group", "choice", "rules"})
    yield _object(kinds, KEYS["group"] - {"where"}, required={"group", "choice", "on", "rules"})
    yield _object(plain, KEYS["each"] - {"choice", "on"}, required={"each"})
    yield _object(kinds, KEYS["each"], required={"each", "choice", "on", "rules"})
    repeated = {**branching, "each": nameless}
    yield _object(repeated, {"each", "choice", "rules"}, required={"each", "choice", "rules"})


def _branch(form: Schema) -> Schema:
    return {
        **form,
        "properties": {"when": _WHEN, **form["properties"]},
        "required": ["when", *form["required"]],
    }


def _or_parameter(value: Schema) -> Schema:
    described = {key: text for key, text in value.items() if key == "description"}
    rest = {key: inner for key, inner in value.items() if key != "description"}
    return {**described, "anyOf": [rest, _PARAMETER]}


def _object(
    values: Mapping[str, Schema], keys: Iterable[str], *, required: Iterable[str]
) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: values[key] for key in sorted(keys)},
        "required": sorted(required),
    }


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode("utf-8")


if __name__ == "__main__":
    sys.exit(main())
