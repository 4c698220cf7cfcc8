"""Check canonical documents against JSON Schema 2020-12.

The fast path asks the compiled schema for yes or no; only a failing document is looked at again, by
``json_faults``, which finds every fault. ``x-repertoire`` beside ``type: string`` names the
characters a text may consist of, see ``repertoire``. Kept out: parsing (``json_document``) and
where schemas live (``catalogue``).
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs

from gateway.errors import ConfigurationError, Place
from gateway.validation.json_faults import REPERTOIRE, list_faults, without_inexact_numbers
from gateway.validation.repertoire import repertoire

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _RepertoireKeyword:
    """What ``x-repertoire`` asks of a text."""

    def __init__(self, _node: Schema, name: Any, _path: Sequence[str | int]) -> None:
        self._holds = repertoire(name).holds

    def validate(self, text: Any) -> None:
        if isinstance(text, str) and not self._holds(text):
            # Maps compose what they read, so a caller need not.
            if self._holds(unicodedata.normalize("NFC", text)):
                return
            raise ValueError(REPERTOIRE)


_KEYWORDS: dict[str, type[Any]] = {REPERTOIRE: _RepertoireKeyword}


class DocumentSchema:
    """One canonical schema, compiled; safe to share between threads.

    Attributes:
        name: Path under ``schemas/``, for texts.
        schema: The JSON Schema as read; not to be changed.
    """

    def __init__(self, schema: Schema, *, name: str) -> None:
        """Compile a schema.

        Raises:
            ConfigurationError: It breaks JSON Schema 2020-12, names an unknown format, or refers
                to something outside its own file.
        """
        self.name = name
        self.schema = schema
        self._validator = _compile(schema, name)
        quick = _with_plain_patterns(schema)
        self._quick = self._validator if quick == schema else _compile(quick, name)
        self._validators: jsonschema_rs.ValidatorMap | None = None

    @classmethod
    def from_file(cls, path: Path, *, name: str = "") -> "DocumentSchema":
        """Compile the schema of a UTF-8 JSON file.

        Raises:
            ConfigurationError: The file is missing, is no JSON object, or is no schema.
        """
        name = name or path.name
        return cls(_read(path, name), name=name)

    def for_callers(self) -> "DocumentSchema":
        """Return the schema that a caller's document must meet; see ``caller_schema``."""
        return DocumentSchema(caller_schema(self.schema), name=self.name)

    def part(self, pointer: str) -> "DocumentSchema":
        """Return one subschema as a schema of its own; the definitions beside it stay in reach.

        Raises:
            ConfigurationError: Nothing stands at the JSON Pointer.
        """
        found: Any = self.schema
        for step in pointer.split("/")[1:]:
            found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            raise ConfigurationError(f"{self.name}: there is no schema at #{pointer}")
        definitions = self.schema.get("$defs", {})
        return DocumentSchema({**found, "$defs": definitions}, name=f"{self.name}#{pointer}")

    def check(self, document: object) -> tuple[Place, ...]:
        """Return every fault of a document, each with its JSON Pointer; empty when it is valid.

        Args:
            document: What ``parse_json`` returned, or an equal tree of Python values.

        Returns:
            At most 100 places; a last one of keyword ``more`` says when faults were left out.
        """
        try:
            if self._quick.is_valid(document) or self._validator.is_valid(document):
                return ()
        except ValueError:  # a LosslessFloat, or a lone surrogate: explained below
            pass
        exact = without_inexact_numbers(document)
        return list_faults(exact, schema=self.schema, validators=self._parts())

    def _parts(self) -> jsonschema_rs.ValidatorMap:
        # Only documents with faults need them. Two threads may both compile; either result serves.
        if self._validators is None:
            self._validators = jsonschema_rs.validator_map_for(
                {**self.schema, "$schema": _DIALECT},
                validate_formats=True,
                ignore_unknown_formats=False,
                keywords=_KEYWORDS,
                offline=True,
            )
        return self._validators


def caller_schema(schema: Mapping[str, Any]) -> Schema:
    """Return the schema for callers: what the gateway supplies is optional for them.

    Every property marked ``x-supplied``, itself or through its ``$ref``, is removed from the
    ``required`` beside it, at any depth. The argument is not changed.
    """
    copy = deepcopy(dict(schema))
    _relax(copy, root=copy)
    return copy


def _with_plain_patterns(node: Any) -> Any:
    """Put each repertoire as a pattern of its single characters.

    A pattern is matched without a call into Python, which would cost more than all other checks
    of the text together; its yes is enough.
    """
    if isinstance(node, list):
        return [_with_plain_patterns(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {name: _with_plain_patterns(child) for name, child in node.items()}
    if copy.get("type") == "string" and REPERTOIRE in copy:
        pattern = repertoire(copy.pop(REPERTOIRE)).plain_pattern()
        copy["allOf"] = [*copy.get("allOf", ()), {"pattern": pattern}]
    return copy


def _relax(node: object, *, root: Schema) -> None:
    if isinstance(node, list):
        for item in node:
            _relax(item, root=root)
    if not isinstance(node, dict):
        return
    for child in node.values():
        _relax(child, root=root)
    properties = node.get("properties")
    required = node.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return
    kept = [name for name in required if not _is_supplied(properties.get(name), root)]
    if kept:
        node["required"] = kept
    else:
        del node["required"]


def _is_supplied(node: object, root: Schema) -> bool:
    if not isinstance(node, dict):
        return False
    if "x-supplied" in node:
        return True
    reference = str(node.get("$ref", ""))
    target = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
    return isinstance(target, dict) and "x-supplied" in target


def _compile(schema: Schema, name: str) -> jsonschema_rs.Validator:
    try:
        return jsonschema_rs.Draft202012Validator(
            schema,
            validate_formats=True,
            ignore_unknown_formats=False,
            keywords=_KEYWORDS,
            offline=True,
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        path = getattr(error, "instance_path", [])
        at = "/".join(["#", *map(str, path)])
        raise ConfigurationError(f"{name}: not a schema of JSON Schema 2020-12, at {at}") from None


def _read(path: Path, name: str) -> Schema:
    try:
        schema = json.loads(path.read_bytes())
    except OSError:
        raise ConfigurationError(f"{name}: no such schema file") from None
    except ValueError:
        raise ConfigurationError(f"{name}: not JSON in UTF-8") from None
    if not isinstance(schema, dict):
        raise ConfigurationError(f"{name}: a schema is a JSON object")
    return schema
