"""Look into a document by JSON Pointer (RFC 6901); pointers come from contracts and maps."""

from functools import lru_cache

from gateway.validation.json_document import JsonValue


def value_at(document: JsonValue, pointer: str) -> JsonValue:
    """The value at a JSON Pointer (RFC 6901) through objects; None where there is none."""
    value = document
    for name in _names(pointer):
        value = value.get(name) if isinstance(value, dict) else None
    return value


@lru_cache(maxsize=1_000)
def _names(pointer: str) -> tuple[str, ...]:
    """The names in a pointer, of which there are few."""
    parts = pointer.split("/")[1:]
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)
