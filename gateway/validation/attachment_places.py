"""Where a canonical document refers to attachments: values that its schema marks ``x-attachment``.

Kept out: whether there are such attachments (``gateway.flow.attach``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

KEYWORD = "x-attachment"
"""Beside ``type: string``: the value is the id of an attachment."""

Schema = Mapping[str, Any]


def refers_to_attachments(schema: Any) -> bool:
    """Whether the schema marks a value."""
    if isinstance(schema, list):
        return any(refers_to_attachments(item) for item in schema)
    if not isinstance(schema, dict):
        return False
    return schema.get(KEYWORD) is True or any(map(refers_to_attachments, schema.values()))


def attachments_in(document: Any, schema: Schema) -> dict[str, str]:
    """The ids in a document that is valid against the schema, by JSON Pointer (RFC 6901)."""
    return dict(_found(document, schema, schema, ""))


def _found(value: Any, schema: Schema, root: Schema, pointer: str) -> Iterator[tuple[str, str]]:
    schema = _followed(schema, root)
    if schema.get(KEYWORD) is True and isinstance(value, str):
        yield pointer, value
    for branch in schema.get("oneOf", ()):
        if _may_be(value, _followed(branch, root)):
            yield from _found(value, branch, root, pointer)
    for step, inner, part in _parts(value, schema):
        yield from _found(inner, part, root, f"{pointer}/{step}")


def _parts(value: Any, schema: Schema) -> Iterator[tuple[str, Any, Schema]]:
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield name.replace("~", "~0").replace("/", "~1"), value[name], inner
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield str(number), item, schema["items"]


def _may_be(value: Any, branch: Schema) -> bool:
    """Whether no constant of the branch says that the value is of another one."""
    if not isinstance(value, dict):
        return True
    return all(
        value[name] == inner["const"]
        for name, inner in branch.get("properties", {}).items()
        if "const" in inner and name in value
    )


def _followed(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#").split("/")[1:]:
            found = found[step]
        schema = {**found, **{key: inner for key, inner in schema.items() if key != "$ref"}}
    return schema
