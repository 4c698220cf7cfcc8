"""The lock files: what each pins, and by which hashes."""

import re
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[2]
WHOLE, RUNTIME, BUILD = (
    PROJECT / f"requirements{part}.lock" for part in ("", "-runtime", "-build")
)


def pins(lock: Path) -> dict[str, tuple[Requirement, frozenset[str]]]:
    """Each requirement of a lock and its hashes, by name."""
    text = lock.read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if not line or line.lstrip().startswith("#"):
            continue
        requirement = Requirement(line.partition("--hash")[0].strip())
        found[requirement.name] = (requirement, frozenset(re.findall(r"--hash=(\S+)", line)))
    return found
