"""Results on their way from a thread of the store to the tasks that wait for them."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

Outcome = tuple[asyncio.Future[Any], Any, BaseException | None]
"""Who waits, the result, and the error that takes its place."""


def call_in(
    loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *arguments: object
) -> None:
    """Call back in the loop's thread, from any thread; nothing if the loop is closed."""
    # A closed loop has no waiters left.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(callback, *arguments)


def settle(outcomes: Sequence[Outcome]) -> None:
    """Wake every waiting task; in the loop's thread."""
    for future, result, error in outcomes:
        if future.done():  # its task was cancelled
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
