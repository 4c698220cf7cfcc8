"""A process that takes, refers to, removes and sweeps attachments, and dies at the nth step of it.

A step is a call of the index, the store of the bytes or the store of messages; the process dies
before or after it, by SIGKILL. What it has confirmed it says first.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.flow.sweep import sweep, sweep_strays
from tests.gateway.flow.attic import LIMITS, PDF, Attic
from tests.gateway.store.attachment_samples import in_pieces, new_location

CONTENTS = (PDF + b"1" * 3_000_000, PDF + b"2")
STEPS = ("announce", "put", "complete", "discard", "discard_expired", "remove", "accept")


class Fuse:
    """Counts steps and ends the process at one of them."""

    def __init__(self, nth: int, *, after: bool) -> None:
        self._left = nth
        self._after = after

    def on(self, part: Any) -> None:
        """Count the steps of a part."""
        for name in STEPS:
            if hasattr(part, name):
                setattr(part, name, self._counted(getattr(part, name)))

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if not self._left and not self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = await step(*arguments, **named)
            if not self._left and self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return counted


def say(what: str, which: str) -> None:
    sys.stdout.write(f"{what} {which}\n")
    sys.stdout.flush()


async def live(folder: Path, fuse: Fuse) -> None:
    attic = Attic(folder=folder)
    await attic.open()
    for part in (attic.index, attic.store, attic.messages):
        fuse.on(part)
    kept = []
    for content in (CONTENTS[0], CONTENTS[0], CONTENTS[1], CONTENTS[1]):
        kept.append(await attic.kept(content))
        say("kept", kept[-1].id)
    first, twin, third, _ = kept
    say("accepted", (await attic.accept(first, third)).id)
    for one in (twin, third):
        if await attic.index.discard(one.id) is not None:
            say("removed", one.id)
    await attic.store.put(new_location(), in_pieces(b"a stray"))
    attic.clock.advance(LIMITS.kept_for)
    await sweep(attic.index, attic.store, attic.clock)
    await sweep_strays(attic.index, attic.store)
    say("survived", "")
    await attic.messages.close()


if __name__ == "__main__":
    place, nth, moment = sys.argv[1:]
    asyncio.run(live(Path(place), Fuse(int(nth), after=moment == "after")))
