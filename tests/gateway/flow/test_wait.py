"""Waiters are woken once, directly, and forgotten when they leave."""

import pytest

from gateway.errors import StoreUnavailableError
from gateway.flow.call import Pending, Settled
from gateway.flow.wait import Waiting
from tests.gateway.flow.world import MESSAGE_ID, a_message

SETTLED = Settled(message=a_message(), answer=b"{}")


async def test_waiter_is_told_once() -> None:
    waiting = Waiting()
    result = waiting.open(MESSAGE_ID, "main")
    assert waiting.untold() == [MESSAGE_ID]
    waiting.tell(SETTLED)
    waiting.tell(Pending(message=a_message()))
    waiting.refuse(MESSAGE_ID, StoreUnavailableError("The disk is full."))
    assert await result is SETTLED
    assert waiting.untold() == []


async def test_refused_waiter_gets_the_error() -> None:
    waiting = Waiting()
    result = waiting.open(MESSAGE_ID, "main")
    waiting.refuse(MESSAGE_ID, StoreUnavailableError("The disk is full."))
    waiting.tell(SETTLED)
    with pytest.raises(StoreUnavailableError):
        await result


async def test_waiter_that_left_is_told_nothing() -> None:
    waiting = Waiting()
    result, other = waiting.open(MESSAGE_ID, "main"), waiting.open(MESSAGE_ID, "main")
    waiting.close(MESSAGE_ID, result)
    assert waiting.untold() == [MESSAGE_ID]
    waiting.tell(SETTLED)
    waiting.refuse(MESSAGE_ID, StoreUnavailableError("The disk is full."))
    assert not result.done()
    assert other.result() is SETTLED
    waiting.close(MESSAGE_ID, other)
    assert waiting.untold() == []


async def test_waiters_of_one_channel_are_found() -> None:
    waiting = Waiting()
    waiting.open(MESSAGE_ID, "main")
    assert waiting.untold("main") == [MESSAGE_ID]
    assert waiting.untold("other") == []
