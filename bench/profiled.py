"""Run the gateway's command line with a profiler that signals switch on and off.

``python -m bench.profiled <file> serve --config …``: SIGUSR1 begins, SIGUSR2 ends and writes the
file, so that start-up is not in the figures.
"""

import cProfile
import signal
import sys

from gateway.cli.main import run


def main() -> None:
    figures = sys.argv.pop(1)
    profiler = cProfile.Profile()
    signal.signal(signal.SIGUSR1, lambda *_: profiler.enable())
    signal.signal(signal.SIGUSR2, lambda *_: profiler.dump_stats(figures))
    run()


if __name__ == "__main__":
    main()
