"""``python -m gateway.adapter_kit.released``: compare canonical schemas with the last release.

The last release is the last tag of Git before or at the present commit. Kept out: what breaks
callers (``compatibility``).
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.adapter_kit.compatibility import Side, breaking_changes
from gateway.errors import ConfigurationError

FOLDER = "schemas"
SIDES: tuple[Side, ...] = ("request", "answer")
EXIT_BREAKS = 1


def main(project: Path = Path()) -> int:
    """Print every change that breaks callers; returns the exit code, 1 where there is one."""
    tag = last_tag(project)
    if tag is None:
        _say("No release is tagged yet: there is nothing to compare with.")
        return 0
    found = list(changes_since(project, tag))
    for line in found:
        _say(line)
    _say(f"{len(found)} changes since {tag} break callers." if found else f"Compatible to {tag}.")
    return EXIT_BREAKS if found else 0


def last_tag(project: Path) -> str | None:
    """The last tag that the present commit has behind it; None if there is none."""
    ended = _git(project, "describe", "--tags", "--abbrev=0")
    return ended.stdout.decode().strip() if ended.returncode == 0 else None


def changes_since(project: Path, tag: str) -> Iterator[str]:
    """One line for each change since a tag that breaks callers, with schema and place."""
    listed = _git(project, "ls-tree", "-r", "--name-only", tag, FOLDER).stdout.decode()
    for name in listed.splitlines():
        for side in SIDES:
            if name.endswith(f"/{side}.schema.json"):
                yield from _changes(project, tag, name, side)


def _changes(project: Path, tag: str, name: str, side: Side) -> Iterator[str]:
    if not (project / name).is_file():
        yield f"{name}: the schema was removed"
        return
    old: dict[str, Any] = json.loads(_git(project, "show", f"{tag}:{name}").stdout)
    new: dict[str, Any] = json.loads((project / name).read_bytes())
    for change in breaking_changes(old, new, side=side):
        yield f"{name}: {change}"


def _git(project: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    git = shutil.which("git")
    if git is None:
        raise ConfigurationError("The last release is read with git; install it.")
    command = [git, "-C", str(project), *arguments]
    return subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
