"""A gateway that can die: the real server, with a trap at one fault point.

``python -m tests.scenarios.crash.launcher CONFIG POINT NTH`` puts a gateway together and says
``built``; a line on its standard input starts it. SIGUSR1 arms the trap, it says ``armed``: from
then on the NTH time the gateway comes to POINT, the process ends by SIGKILL. NTH 0 sets no trap.
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


class Trap:
    """A fault hook that lets the process die at the ``left``-th hit after it was armed."""

    def __init__(self, point: FaultPoint, left: int) -> None:
        self.point = point
        self.left = left
        self.armed = False
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


def say(word: str) -> None:
    """Tell the test something, in one write."""
    os.write(sys.stdout.fileno(), f"{word}\n".encode())


def main(config: str, point: str, nth: str) -> None:
    """Build, wait for the word to start, serve until the end."""
    settings = load_settings(Path(config))
    configure_logging(settings.log)
    trap = Trap(FaultPoint(point), int(nth))
    gateway = build(settings, hit=trap)
    signal.signal(signal.SIGUSR1, trap.arm)
    say("built")
    sys.stdin.readline()
    run(run_gateway(gateway))


if __name__ == "__main__":
    main(*sys.argv[1:])
