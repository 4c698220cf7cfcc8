"""A document without some of its fields: those that a law does not speak of."""

from collections.abc import Collection
from typing import Any


def omit(value: Any, pointers: Collection[str], pointer: str = "") -> Any:
    """A copy without the fields at these JSON Pointers; ``*`` stands for any array item."""
    if not pointers:
        return value
    if isinstance(value, dict):
        return {
            key: omit(inner, pointers, f"{pointer}/{key}")
            for key, inner in value.items()
            if f"{pointer}/{key}" not in pointers
        }
    if isinstance(value, list):
        return [omit(item, pointers, f"{pointer}/*") for item in value]
    return value
