"""What this process tells the others: a few words, after the commit, at most each 5 ms.

Within a transaction a NOTIFY costs two fifths of all commits, because they queue for it. Kept out:
hearing what others tell (``line``).
"""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice

import orjson

from gateway.errors import StoreUnavailableError
from gateway.messaging.message import MessageId
from gateway.messaging.peers import News
from gateway.store.postgres.database import Database

TOPIC = "agency_gateway"

PAUSE_SECONDS = 0.005
"""Between two notifications; what happens meanwhile is told together."""

MOST_CHANNELS = 15
MOST_MESSAGES = 150
"""In one notification, which PostgreSQL limits to 8,000 bytes."""


class Bulletin:
    """Tells the other processes which channels have something due, and which messages moved."""

    def __init__(self, database: Database, process: int) -> None:
        self._database = database
        self._process = process
        self._channels: set[str] = set()
        self._messages: set[MessageId] = set()
        self._sending = False
        self._tasks: asyncio.TaskGroup  # from the start on
        self.has_readers = False

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Begin to tell; sending is a task of this group."""
        self._tasks = tasks

    def due(self, channel: str) -> None:
        """Tell that something may be due in a channel."""
        if self.has_readers:
            self._channels.add(channel)
            self._send()

    def moved(self, message_id: MessageId) -> None:
        """Tell that a message moved."""
        if self.has_readers:
            self._messages.add(message_id)
            self._send()

    def _send(self) -> None:
        if not self._sending:
            self._sending = True
            self._tasks.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._channels or self._messages:
                channels, self._channels = self._channels, set()
                messages, self._messages = self._messages, set()
                for text in texts(self._process, channels, messages):
                    await self._database.notify(TOPIC, text)
                await asyncio.sleep(PAUSE_SECONDS)
        except StoreUnavailableError:
            # Others look for themselves once a second.
            self._channels.clear()
            self._messages.clear()
        finally:
            self._sending = False


def texts(process: int, channels: Iterable[str], messages: Iterable[MessageId]) -> Iterator[str]:
    """What is told, in as many notifications as it takes."""
    named = sorted(channels)
    wanted = None if len(named) > MOST_CHANNELS else named
    rest = iter(sorted(messages))
    while True:
        some = list(islice(rest, MOST_MESSAGES))
        yield orjson.dumps([process, wanted, some]).decode()
        if len(some) < MOST_MESSAGES:
            return
        wanted = []


def read(text: str) -> tuple[int, News]:
    """Who told what."""
    process, channels, messages = orjson.loads(text)
    return process, News(
        channels=None if channels is None else frozenset(channels), messages=frozenset(messages)
    )
