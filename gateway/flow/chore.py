"""Work beside the journey that begins and ends with the desk, as a Protocol."""

import asyncio
from typing import Protocol


class Chore(Protocol):
    """Goes on while the desk is open; the store is open for longer than that.

    It must survive a store that cannot be used: an error that leaves its task ends the desk.
    """

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin, as tasks of ``group``; returns at once."""
        ...

    async def stop(self) -> None:
        """End soon, and return when no task is left."""
        ...
