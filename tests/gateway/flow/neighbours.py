"""Other processes on the same store, as the test makes them."""

from collections.abc import Callable, Sequence

from typing_extensions import override

from gateway.messaging.message import Message, MessageId
from gateway.messaging.peers import News, Peers
from tests.gateway.flow.memory_store import MemoryStore


class Neighbours(Peers):
    """They are there, and take this process for living, until the test says else."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.there = True
        self.alive = True
        self.tell: Callable[[News], None] = lambda _news: None

    @override
    def listen(self, heard: Callable[[News], None]) -> None:
        self.tell = heard

    @override
    def may_send(self) -> bool:
        return self.alive

    @override
    def are_there(self) -> bool:
        return self.there

    @override
    async def messages(self, ids: Sequence[MessageId]) -> list[Message]:
        return [self.store.messages[one] for one in ids if one in self.store.messages]
