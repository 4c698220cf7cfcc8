"""The port to other processes, where large bodies are worked on so that they hold up nobody.

The same functions run there as here, over a directory of the same settings; only bytes and small
facts cross. Kept out: what is done there (``examine``, ``answer``).
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from gateway.flow.directory import Directory

T = TypeVar("T")

Work = Callable[[Directory], T]
"""A ``partial`` of a module's own function; the worker calls it with the directory built there."""


class Workers(Protocol):
    """Other processes that do work over a directory of their own, built from the same settings.

    ``open`` is called before anything else, ``close`` once, when nothing is awaited any more. Used
    from one event loop only; ``run`` may be called any number of times at once.
    """

    def takes(self, size_bytes: int) -> bool:
        """Whether a body of this size is theirs; a smaller one is done sooner on the spot."""
        ...

    async def open(self) -> None:
        """Make ready to run work; need not start a process."""
        ...

    async def close(self) -> None:
        """End every process; work still under way fails."""
        ...

    async def run(self, work: Work[T], *, size_bytes: int = 0, urgent: bool = False) -> T:
        """Do work in a worker and return its result.

        A process that ends takes no other work with it. Where the caller is cancelled, its work
        goes on to its end and the result is dropped.

        Args:
            work: What to do.
            size_bytes: Length of its body; a very long one leaves room for the others.
            urgent: Whether it goes before all that is not, however much waits already.

        Raises:
            WorkerUnavailableError: Too much waits already, or the process ended during the work.
            GatewayError: What the work itself raised, with its places.
        """
        ...
