"""Look into a canonical schema by JSON Pointer template, as lint needs it. No validation here."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]


class SchemaView:
    """A canonical schema of the declared subset; ``*`` in a pointer stands for any array item."""

    def __init__(self, schema: Schema, root: Schema | None = None) -> None:
        self._start = schema
        self._root = schema if root is None else root

    def of(self, schema: Schema) -> "SchemaView":
        """The same file seen from one of its subschemas."""
        return SchemaView(schema, self._root)

    def has_fields(self) -> bool:
        """Whether some valid document is an object with fields, or an array of such."""
        return any(
            "properties" in s or ("items" in s and self.of(s["items"]).has_fields())
            for s in self._at("")
        )

    def may_be_empty(self) -> bool:
        """Whether some valid document is an object without any field that must be there."""
        return any(not s.get("required") for s in self._at(""))

    def has(self, pointer: str) -> bool:
        """Whether some valid document can hold the place."""
        return any(True for _ in self._at(pointer))

    def is_required(self, pointer: str) -> bool:
        """Whether the field is required wherever its object may hold it."""
        parent, _, name = pointer.rpartition("/")
        holders = [s for s in self._at(parent) if name in s.get("properties", {})]
        return bool(holders) and all(name in s.get("required", ()) for s in holders)

    def is_filled_array(self, pointer: str) -> bool:
        """Whether the place is an array that is never empty."""
        found = list(self._at(pointer))
        return all(s.get("type") == "array" and s.get("minItems", 0) >= 1 for s in found)

    def tags(self, pointer: str) -> set[str] | None:
        """The ``const`` values of a discriminator; None where one alternative has no ``const``."""
        values = [s.get("const") for s in self._at(pointer)]
        return {str(v) for v in values} if values and None not in values else None

    def at(self, pointer: str) -> list[Schema]:
        """Every subschema that the place may have, references followed, alternatives apart."""
        return list(self._at(pointer))

    def _at(self, pointer: str) -> Iterator[Schema]:
        found = list(self._alternatives(self._start))
        for step in pointer.split("/")[1:]:
            found = [
                alternative
                for schema in found
                for inner in _step(schema, step)
                for alternative in self._alternatives(inner)
            ]
        return iter(found)

    def _alternatives(self, schema: Schema) -> Iterator[Schema]:
        while "$ref" in schema:
            schema = {**self._referenced(schema["$ref"]), **_without(schema, "$ref")}
        if "oneOf" in schema:
            for branch in schema["oneOf"]:
                yield from self._alternatives(branch)
        else:
            yield schema

    def _referenced(self, reference: str) -> Schema:
        schema: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            schema = schema[step]
        found: Schema = schema
        return found


def _step(schema: Schema, step: str) -> Iterator[Schema]:
    if step == "*":
        if "items" in schema:
            yield schema["items"]
        return
    inner = schema.get("properties", {}).get(step.replace("~1", "/").replace("~0", "~"))
    if inner is not None:
        yield inner


def _without(schema: Schema, key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}
