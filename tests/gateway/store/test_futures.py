import asyncio
from threading import Thread

import pytest

from gateway.store.futures import call_in, settle


async def test_results_and_errors_reach_those_who_wait() -> None:
    loop = asyncio.get_running_loop()
    good, bad, left = (loop.create_future() for _ in range(3))
    left.cancel()
    outcomes = [(left, 0, None), (good, 1, None), (bad, None, KeyError())]
    thread = Thread(target=call_in, args=[loop, settle, outcomes])
    thread.start()
    assert await good == 1
    with pytest.raises(KeyError):
        await bad
    thread.join()


def test_a_closed_loop_is_left_alone() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    call_in(loop, settle, [])
