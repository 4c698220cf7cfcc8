"""Several gateway processes on one store: what they tell each other, and who may still send.

A store that only one process can use has no peers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.messaging.message import Message, MessageId


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What another process did; None: anything may have changed, look at all.

    Attributes:
        channels: Something may be due there.
        messages: They moved.
    """

    channels: frozenset[str] | None = None
    messages: frozenset[MessageId] | None = None


class Peers(Protocol):
    """The other processes on the same store.

    A process that gives no sign of life for a time is taken for dead: its attempts are among
    ``MessageStore.interrupted`` then. If it lives nevertheless, what it writes about an attempt
    that was taken from it is refused, and it must send nothing before others know that it lives.
    """

    def listen(self, heard: Callable[[News], None]) -> None:
        """Have news told to ``heard``, in the event loop; some may be lost, none is late by rule.

        Call it before the store is opened.
        """
        ...

    def may_send(self) -> bool:
        """Whether no other process can have taken this one for dead so far."""
        ...

    def are_there(self) -> bool:
        """Whether other processes use the store, as far as is known."""
        ...

    async def messages(self, ids: Sequence[MessageId]) -> list[Message]:
        """Messages by their ids, in any order; unknown ones are left out."""
        ...
