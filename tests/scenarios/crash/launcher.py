"""Processes that can be killed: forked from one that has imported what they need.

``serve_orders`` says ``ready``. Each line on its standard input starts a process, which it tells
with ``started PID`` and later ``ended STATUS``; one lives at a time. None outlives who started it.
"""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence

FAILED = 70
PR_SET_PDEATHSIG = 1
"""Source: prctl(2), linux/prctl.h."""


def say(words: str) -> None:
    """Tell the test something, in one write."""
    os.write(sys.stdout.fileno(), f"{words}\n".encode())


def serve_orders(live: Callable[[Sequence[str]], None]) -> None:
    """Start one process after the other, as told.

    Args:
        live: What a process does, from the words of its order; it ends when this returns.
    """
    _die_with_parent()
    say("ready")
    for line in sys.stdin:
        told, tell = os.pipe()
        launcher, child = os.getpid(), os.fork()
        if child == 0:
            os.close(tell)
            _live_and_end(live, line.split(), told, launcher)
        say(f"started {child}")
        os.write(tell, b".")
        os.close(told)
        os.close(tell)
        say(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


def _live_and_end(
    live: Callable[[Sequence[str]], None], words: Sequence[str], told: int, launcher: int
) -> None:
    try:
        _die_with_parent()
        # Nothing it says comes before its start was told. Nobody there, or another parent by now:
        # the launcher has ended.
        if os.read(told, 1) and os.getppid() == launcher:
            live(words)
    except BaseException:  # noqa: BLE001 - whatever it is, it ends this process only
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(FAILED)


def _die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, also by SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
