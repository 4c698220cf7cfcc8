"""Callers that wait: each is woken directly by the step that settles its message.

No polling and no second look at the store: the step brings the message and the answer along. A
waiter that goes away is forgotten; its message goes on. Several may wait for one message: who
repeats a call waits beside the one who made it.
"""

import asyncio
from functools import partial

from gateway.flow.call import Pending, Settled
from gateway.messaging.message import MessageId

Result = asyncio.Future[Settled | Pending]


class Waiting:
    """The waiters of this process, by message; used from one event loop only."""

    def __init__(self) -> None:
        self._results: dict[MessageId, list[Result]] = {}
        self._channels: dict[MessageId, str] = {}

    def open(self, message_id: MessageId, channel: str) -> Result:
        """Begin to wait; call it before anything can settle the message."""
        result: Result = asyncio.get_running_loop().create_future()
        self._channels[message_id] = channel
        self._results.setdefault(message_id, []).append(result)
        return result

    def close(self, message_id: MessageId, result: Result) -> None:
        """Wait no longer; what happens to the message later is told to others only."""
        results = self._results[message_id]
        results.remove(result)
        if not results:
            del self._results[message_id], self._channels[message_id]

    def tell(self, told: Settled | Pending) -> None:
        """Wake every waiter of the message that was not told before."""
        for result in self._results.get(told.message.id, ()):
            if not result.done():
                result.set_result(told)

    def refuse(self, message_id: MessageId, error: Exception) -> None:
        """Let the waiter's call fail: its message was not accepted."""
        for result in self._results.get(message_id, ()):
            if not result.done():
                result.set_exception(error)

    def untold(self, channel: str | None = None) -> list[MessageId]:
        """Messages with a waiter that was told nothing yet; of one channel, or of all."""
        return [
            message_id
            for message_id, results in self._results.items()
            if channel in (None, self._channels[message_id])
            and not all(result.done() for result in results)
        ]

    def has(self, message_id: MessageId) -> bool:
        """Whether somebody waits for the message."""
        return message_id in self._results


async def is_told(result: Result, seconds: float) -> bool:
    """Wait for the result; whether it came in time. It is left as it is, failed or not.

    ``asyncio.wait`` does the same for any number of futures, at three times the price.
    """
    if result.done():
        return True
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()
    wake = partial(_wake, woken)
    timer = loop.call_later(seconds, wake, None)
    result.add_done_callback(wake)
    try:
        await woken
    finally:
        timer.cancel()
        result.remove_done_callback(wake)
    return result.done()


def _wake(woken: asyncio.Future[None], _: object) -> None:
    if not woken.done():
        woken.set_result(None)
