"""What a process does for being one of several on the same store.

News of the others wake its waiters and its pump. Since news may be lost, and others may die without
a word, it also looks for itself once a second. Kept out: how news travel, and who is dead (the
store).
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from gateway.errors import StoreUnavailableError
from gateway.flow.call import Pending, Settled
from gateway.flow.journey import Journey
from gateway.flow.pump import Pump, log_unexpected
from gateway.flow.recover import recover
from gateway.messaging.lifecycle import State, is_settled
from gateway.messaging.message import Message, MessageId, StageKind
from gateway.messaging.operation import OperationKind
from gateway.messaging.peers import News, Peers

LOOK_EACH = timedelta(seconds=1)
"""The longest that lost news, or the work of a dead process, go unnoticed once they can be seen."""

_OWNED = frozenset({State.RETRYING, State.AWAITING_ANSWER})
"""A submission in these states is the gateway's; its caller need not wait."""


class Together:
    """Listens to the other processes and takes over from dead ones; used from one event loop.

    Where the store can have none (``peers`` is None) it does nothing.
    """

    def __init__(self, journey: Journey, pump: Pump, peers: Peers | None) -> None:
        self._journey = journey
        self._pump = pump
        self._peers = peers
        self._moved: set[MessageId] = set()
        self._all = False
        self._alarm = asyncio.Event()
        self._running = False
        if peers is not None:
            peers.listen(self._hear)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin; the task belongs to ``group``."""
        if self._peers is not None:
            self._running = True
            group.create_task(self._run(self._peers))

    def stop(self) -> None:
        """End when what is under way is done."""
        self._running = False
        self._alarm.set()

    def _hear(self, news: News) -> None:
        if news.channels is None:
            self._pump.look()
        for channel in news.channels or ():
            self._pump.wake(channel)
        if news.messages is None:
            self._all = True
        else:
            self._moved.update(filter(self._journey.waiting.has, news.messages))
        if self._all or self._moved:
            self._alarm.set()

    async def _run(self, peers: Peers) -> None:
        while self._running:
            by_itself = await self._sleep()
            moved, self._moved = self._moved, set()
            everything, self._all = by_itself or self._all, False
            try:
                if everything:
                    await self._look(peers)
                else:
                    await self._tell(peers, list(moved))
            except StoreUnavailableError:
                continue  # the next look finds what this one did not
            except Exception as error:  # noqa: BLE001 - one bad message must not stop the looking
                log_unexpected(error, None)

    async def _sleep(self) -> bool:
        """Wait for news; whether there were none for so long that it is time to look."""
        try:
            async with asyncio.timeout(LOOK_EACH.total_seconds()):
                await self._alarm.wait()
        except TimeoutError:
            return True
        self._alarm.clear()
        return False

    async def _look(self, peers: Peers) -> None:
        store = self._journey.store
        if peers.are_there():
            await self._tell(peers, self._journey.waiting.untold())
        if peers.may_send():
            for message in await recover(self._journey):
                self._pump.wake(message.channel)
        due = await store.next_due_at()
        if due is not None and due <= self._journey.clock.now():
            self._pump.look()

    async def _tell(self, peers: Peers, ids: Sequence[MessageId]) -> None:
        """Tell waiters what became of messages that other processes moved."""
        if not ids:
            return
        for message in await peers.messages(ids):
            told = await self._told(message)
            if told is not None:
                self._journey.waiting.tell(told)

    async def _told(self, message: Message) -> Settled | Pending | None:
        if not is_settled(message.state):
            owned = message.kind is not OperationKind.QUERY and message.state in _OWNED
            return Pending(message=message) if owned else None
        if message.state is not State.ANSWERED:
            return Settled(message=message)
        stage = await self._journey.store.stage(message.id, StageKind.CANONICAL_ANSWER)
        return Settled(message=message, answer=None if stage is None else stage.body)
