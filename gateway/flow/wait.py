"""Callers that wait: each is woken directly by the step that settles its message.

No polling and no second look at the store: the step brings the message and the answer along. A
waiter that goes away is forgotten; its message goes on.
"""

import asyncio

from gateway.flow.call import Pending, Settled
from gateway.messaging.message import MessageId

Result = asyncio.Future[Settled | Pending]


class Waiting:
    """The waiters of this process, by message; used from one event loop only."""

    def __init__(self) -> None:
        self._results: dict[MessageId, Result] = {}

    def open(self, message_id: MessageId) -> Result:
        """Begin to wait; call it before anything can settle the message."""
        result: Result = asyncio.get_running_loop().create_future()
        self._results[message_id] = result
        return result

    def close(self, message_id: MessageId) -> None:
        """Wait no longer; what happens to the message later is told to nobody."""
        self._results.pop(message_id, None)

    def tell(self, told: Settled | Pending) -> None:
        """Wake the waiter of the message, if there is one that was not told before."""
        result = self._results.get(told.message.id)
        if result is not None and not result.done():
            result.set_result(told)

    def refuse(self, message_id: MessageId, error: Exception) -> None:
        """Let the waiter's call fail: its message was not accepted."""
        result = self._results.get(message_id)
        if result is not None and not result.done():
            result.set_exception(error)

    def untold(self) -> list[MessageId]:
        """Messages whose waiters were told nothing yet."""
        return [message_id for message_id, result in self._results.items() if not result.done()]
