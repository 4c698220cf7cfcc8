"""Gateways that can die: the real server, with a trap at one fault point, each in its own process.

``python -m tests.scenarios.crash.launcher CONFIG`` imports what a gateway needs, once, and says
``ready``. Each line ``POINT NTH later|now`` on its standard input starts a gateway process, which
it tells with ``started PID`` and later ``ended STATUS``. The NTH time the gateway comes to POINT,
it ends by SIGKILL; ``later``: counted from when SIGUSR1 armed it, to which it says ``armed``.
NTH 0: never.
"""

import os
import signal
import sys
from pathlib import Path

from gateway.bootstrap import build
from gateway.cli.logs import configure_logging
from gateway.cli.serve import run, run_gateway
from gateway.flow.fault_points import FaultPoint, die_at
from gateway.settings import load_settings

FAILED = 70


class Trap:
    """A fault hook that lets the process die at the ``left``-th hit after it was armed."""

    def __init__(self, point: FaultPoint, left: int, *, armed: bool) -> None:
        self.point = point
        self.left = left
        self.armed = armed
        self._die = die_at(point)

    def __call__(self, reached: FaultPoint) -> None:
        if not self.armed or reached is not self.point:
            return
        self.left -= 1
        if self.left == 0:
            self._die(reached)

    def arm(self, *_: object) -> None:
        """Count from now on."""
        self.armed = True
        say("armed")


def say(words: str) -> None:
    """Tell the test something, in one write."""
    os.write(sys.stdout.fileno(), f"{words}\n".encode())


def serve(config: Path, trap: Trap) -> None:
    """Build a gateway from nothing and run it."""
    settings = load_settings(config)
    configure_logging(settings.log)
    signal.signal(signal.SIGUSR1, trap.arm)
    run(run_gateway(build(settings, hit=trap)))


def main(config: Path) -> None:
    """Start one gateway after the other, as told."""
    say("ready")
    for line in sys.stdin:
        point, nth, when = line.split()
        trap = Trap(FaultPoint(point), int(nth), armed=when == "now")
        child = os.fork()
        if child == 0:
            try:
                serve(config, trap)
            finally:
                os._exit(FAILED)
        say(f"started {child}")
        say(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
