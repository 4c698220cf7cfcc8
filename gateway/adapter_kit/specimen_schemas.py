"""Short names for the canonical schemas of specimens; the declared subset and nothing else."""

from typing import Any

TEXT = {"type": "string", "x-pattern": "text", "maxLength": 4000}
LINE = {"type": "string", "x-pattern": "line", "minLength": 1, "maxLength": 30}
CODE = {"type": "string", "x-pattern": "codeText"}
DATE = {"type": "string", "x-pattern": "date", "format": "date"}
PARTIAL = {"type": "string", "x-pattern": "partialDate"}
AMOUNT = {"type": "string", "x-pattern": "amount", "pattern": r"^-?\d+\.\d\d$"}
NUMBER = {"type": "integer", "minimum": -5, "maximum": 10**9}
BOOLEAN = {"type": "boolean"}


def object_of(optional: dict[str, Any] | None = None, /, **required: Any) -> dict[str, Any]:
    """An object; the named fields are required."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": sorted(required),
        "additionalProperties": False,
    }


def array_of(items: dict[str, Any]) -> dict[str, Any]:
    """An array that is never empty."""
    return {"type": "array", "items": items, "minItems": 1}


def tagged(tag: str, branches: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Alternatives told apart by a constant: its value to the further fields."""
    return {
        "oneOf": [object_of(**{tag: {"const": name}}, **inner) for name, inner in branches.items()]
    }
