"""Call every operation of a live gateway with generated requests.

schemathesis makes the requests from the OpenAPI document that the gateway itself serves, and
compares what comes back with it. By hand: ``python -m tests.scenarios.fuzz.run 500``, with other
requests each time; it prints the seed that makes them again.
"""

import argparse
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.scenarios.bad_house import bad_house
from tests.scenarios.house import PROJECT

SETTINGS = Path(__file__).with_name("schemathesis.toml")
PROGRAM = "from schemathesis.cli import schemathesis; schemathesis()"


def fuzz(folder: Path, *, examples: int, seed: int) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against a gateway of its own; its exit code is 0 if it found nothing.

    Args:
        folder: Where configuration and database of the gateway are put.
        examples: Generated requests of each operation and phase, at most.
        seed: Decides which requests are generated.
    """
    with bad_house(folder, accepts_tests=True) as house:
        command = [
            *(sys.executable, "-c", PROGRAM, "--config-file", str(SETTINGS)),
            *("run", f"{house.live.url}/openapi.json", "--max-examples", str(examples)),
            *("--header", f"Authorization: Bearer {house.tokens['office']}", "--seed", str(seed)),
        ]
        return subprocess.run(  # noqa: S603 - this interpreter, our own arguments
            command, cwd=PROJECT, check=False, text=True, stdout=subprocess.PIPE
        )


def main() -> int:
    """Read the options, print what schemathesis prints, end as it ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=int, nargs="?", default=500)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="agency-gateway-fuzz-") as folder:
        ended = fuzz(Path(folder), examples=options.examples, seed=options.seed)
    sys.stdout.write(f"{ended.stdout}\nAgain with --seed {options.seed}\n")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
