"""Gateways that can die: the real server, with a trap at one fault point and a clock that jumps.

``python -m tests.scenarios.crash.gateway_process CONFIG CLOCK`` takes the orders of ``launcher``:
``POINT NTH later|now``. The NTH time the gateway comes to POINT, it ends by SIGKILL; ``later``:
counted from when SIGUSR1 armed it, to which it says ``armed``. NTH 0: never. CLOCK is a file of
``clock``.
"""

import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gateway.bootstrap import build
from gateway.cli.logs import configure_logging
from gateway.cli.serve import run, run_gateway
from gateway.flow.fault_points import FaultPoint, die_at
from gateway.settings import load_settings
from tests.scenarios.crash.clock import JumpingClock
from tests.scenarios.crash.launcher import say, serve_orders


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


def serve(config: Path, clock: Path, order: Sequence[str]) -> None:
    """Build a gateway from nothing and run it."""
    point, nth, when = order
    trap = Trap(FaultPoint(point), int(nth), armed=when == "now")
    settings = load_settings(config)
    configure_logging(settings.log)
    signal.signal(signal.SIGUSR1, trap.arm)
    run(run_gateway(build(settings, hit=trap, clock=JumpingClock(clock))))


if __name__ == "__main__":
    serve_orders(partial(serve, Path(sys.argv[1]), Path(sys.argv[2])))
