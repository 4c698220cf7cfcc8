"""A retention store in memory: what is due is a number of messages, erased batch by batch."""

from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from gateway.errors import StoreUnavailableError
from gateway.messaging.retention import Due, Erased, Holding, RetentionStore


class MemoryRetention(RetentionStore):
    """Counts down; ``down`` makes every call fail, ``held`` is what it tells of itself."""

    def __init__(self, *held: Holding, due: int = 0, refusals: int = 0) -> None:
        self.held = held
        self.left: dict[Due, int] = {}
        self.due = due
        self.refusals = refusals
        self.batches: list[int] = []
        self.dues: list[Due] = []
        self.tidied = 0
        self.is_tidy = True
        self.down = False

    def _enter(self) -> None:
        if self.down:
            raise StoreUnavailableError("The test took the store down.")

    @override
    async def holdings(self) -> Sequence[Holding]:
        self._enter()
        return self.held

    @override
    async def erase(
        self, due: Due, *, now: datetime, limit: int, after: str | None = None
    ) -> Erased:
        self._enter()
        if due not in self.dues:
            self.dues.append(due)
        left = self.left.setdefault(due, self.due)
        count = min(left, limit)
        self.left[due] = left - count
        self.batches.append(count)
        return Erased(count=count, after=str(left) if left > limit else None)

    @override
    async def count_due(self, due: Due) -> int:
        return self.left.get(due, self.due)

    @override
    async def erase_refusals(self, *, before: datetime, limit: int) -> int:
        self._enter()
        count = min(self.refusals, limit)
        self.refusals -= count
        return count

    @override
    async def count_refusals(self, *, before: datetime) -> int:
        return self.refusals

    @override
    async def tidy(self) -> bool:
        self._enter()
        self.tidied += 1
        return self.is_tidy
