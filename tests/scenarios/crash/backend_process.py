"""The authorities in a process of their own, which can be killed.

``python -m tests.scenarios.crash.backend_process RECORD SEARCH_PORT NOTICE_PORT`` takes the orders
of ``launcher``; an order has no words that matter. A process says ``open`` when it listens.
"""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.scenarios.crash.launcher import say, serve_orders
from tests.scenarios.crash.watched import open_offices, serve_all


def main(record: Path, ports: Sequence[int]) -> None:
    """Make the authorities once and open them as often as told."""
    offices = open_offices(record)

    def live(_order: Sequence[str]) -> None:
        with serve_all(offices, ports):
            say("open")
            signal.pause()

    serve_orders(live)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]])
