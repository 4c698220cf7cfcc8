"""What a worker process does: build once, then carry out one work after the other.

Started by ``worker`` only, with the descriptor of a connected socket as its argument. First comes
what builds the context of all work, answered by None if that went well; then each work, answered
by its reply.
The process ends as soon as the other end of the socket is closed, also in the middle of a work: a
gateway that was killed leaves none behind.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError
from gateway.workers.parcel import receive, send

NICENESS = 10
"""Below the gateway, which has the small messages to see to."""

OOM_SCORE = 500
"""Of 1000: where memory runs out, the kernel ends this process before the gateway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """Work that was carried out."""

    result: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Work that ended with an error that its caller acts on."""

    error: GatewayError


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """Work that ended with an error nobody foresaw: type and frames, for its text may quote."""

    kind: str
    frames: list[str]


Reply = Done | Refused | Failed


def carry_out(work: Callable[[Any], Any], context: Any) -> Reply:
    """Do one work; whatever it raises becomes a reply, but for a lack of memory."""
    try:
        return Done(result=work(context))
    except GatewayError as error:
        return Refused(error=error)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad document must not end the process
        return _failed(error)


def serve(line: socket.socket) -> None:
    """Work until the other side is gone."""
    with contextlib.suppress(EOFError, OSError):
        build = receive(line)
        try:
            context = build()
        except Exception as error:  # noqa: BLE001 - the gateway logs it and tries again
            send(line, _failed(error))
            return
        gc.collect()
        gc.freeze()  # what was built lives as long as the process
        send(line, None)
        while True:
            send(line, carry_out(receive(line), context))


def main() -> None:
    """Run one worker process."""
    # A service manager, or Ctrl-C, signals all processes; the gateway decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _be_modest()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        threading.Thread(target=_end_with, args=[line.fileno()], daemon=True).start()
        serve(line)


def _failed(error: Exception) -> Failed:
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return Failed(kind=type(error).__qualname__, frames=frames)


def _end_with(descriptor: int) -> None:
    """End this process when the other end of the socket is closed, whatever it is doing."""
    poll = select.poll()
    poll.register(descriptor, 0)  # nothing but a hang-up, which is always told
    poll.poll()
    os._exit(0)


def _be_modest() -> None:
    """Let the gateway go first, for the processor and for memory."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE), encoding="ascii")
