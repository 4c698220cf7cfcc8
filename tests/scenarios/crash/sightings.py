"""What the authorities saw, in a file that outlives them: one line for each request they read.

A line is handed to the kernel before the answer is sent, so ``kill -9`` of the authorities loses
none. It is not put on the disk: nobody pulls the plug of this machine.
"""

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MARK = re.compile(r"letter-(\d{6})")
"""What makes every letter of a run recognisable in its document, see ``marked``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A request that an authority read.

    Attributes:
        at: When; monotonic seconds, the same clock in every process of this machine.
        message_id: Which message it was.
        letter: Number of the letter that it carries; None: it has none.
        taken: Whether the authority acted on it; false: it said that it did not.
    """

    at: float
    message_id: str
    letter: int | None
    taken: bool


def marked(number: int) -> str:
    """The mark of a letter."""
    return f"letter-{number:06}"


class Record:
    """The file, open for adding to it; any number of threads may."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, sighting: Sighting) -> None:
        """Add a line, in one write."""
        letter = "-" if sighting.letter is None else sighting.letter
        taken = "taken" if sighting.taken else "turned-away"
        line = f"{sighting.at:.6f} {sighting.message_id} {letter} {taken}\n"
        os.write(self._file, line.encode())

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read_sightings(path: Path) -> list[Sighting]:
    """Everything in the file, in the order in which it was seen."""
    return [_sighting(line.split()) for line in path.read_text("utf-8").splitlines()]


def counted(sightings: Sequence[Sighting]) -> dict[str, int]:
    """How often each message was seen, taken or not."""
    return dict(Counter(one.message_id for one in sightings))


def _sighting(fields: Sequence[str]) -> Sighting:
    at, message_id, letter, taken = fields
    return Sighting(
        at=float(at),
        message_id=message_id,
        letter=None if letter == "-" else int(letter),
        taken=taken == "taken",
    )
