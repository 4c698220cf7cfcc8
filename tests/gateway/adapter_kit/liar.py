"""A map that breaks laws on purpose, to show that the laws notice."""

from collections.abc import Callable
from typing import Any

from gateway.translation.map import Map, Reading, Writing


class Liar:
    """Passes everything on to a map, but for what is given."""

    def __init__(
        self,
        truth: Map,
        *,
        read: Callable[..., Reading] | None = None,
        write: Callable[..., Writing] | None = None,
    ) -> None:
        self._truth = truth
        self.read = read or truth.read
        self.write = write or truth.write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._truth, name)
