"""Slots: where a field stands in a canonical object, ``messageId`` or ``sender.product``."""

from collections.abc import Mapping
from typing import Any

ITEM = "."
"""The slot of a scalar array item: while it is translated, an object holds it under this key."""


class Slot:
    """One field of the current canonical object, by name or by a dotted path of names."""

    __slots__ = ("head", "key", "last", "parents")

    def __init__(self, api: str) -> None:
        parts = [api] if api == ITEM else api.split(".")
        self.parents = tuple(parts[:-1])
        self.last = parts[-1]
        self.head = parts[0]
        self.key: str | None = None if self.parents else self.last

    def get(self, obj: Mapping[str, Any]) -> Any:
        """The value, or None if it or an object on the way is absent."""
        if self.key is not None:
            return obj.get(self.key)
        for parent in self.parents:
            inner = obj.get(parent)
            if type(inner) is not dict:
                return None
            obj = inner
        return obj.get(self.last)

    def put(self, obj: dict[str, Any], value: Any) -> None:
        """Store the value; objects on the way are created."""
        for parent in self.parents:
            obj = obj.setdefault(parent, {})
        obj[self.last] = value

    def is_open(self, obj: Mapping[str, Any]) -> bool:
        """Whether nothing stands at the slot, and nothing but objects on the way to it."""
        inner: Any = obj
        for step in (*self.parents, self.last):
            if type(inner) is not dict:
                return False
            if step not in inner:
                return True
            inner = inner[step]
        return False

    def copied(self, obj: dict[str, Any]) -> None:
        """Replace every object on the way by a copy, so that ``put`` changes no other."""
        for parent in self.parents:
            inner = obj.get(parent)
            obj[parent] = dict(inner) if type(inner) is dict else {}
            obj = obj[parent]

    @property
    def pointer(self) -> str:
        """JSON Pointer relative to the current object; ``""`` for the item itself."""
        if self.key == ITEM:
            return ""
        return "".join(
            "/" + part.replace("~", "~0").replace("/", "~1") for part in (*self.parents, self.last)
        )
