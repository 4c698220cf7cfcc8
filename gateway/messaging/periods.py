"""How long the parts of a message stay. Values only.

Kept out: the usual periods, and what is erased when (``retention``).
"""

from dataclasses import dataclass
from datetime import timedelta

_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How long the parts of a message stay after it settled, none longer than the next one.

    Attributes:
        key: Its idempotency key: a repeat is recognised for so long.
        payload: Its content in every form, with ledgers and, if still there, its key.
        resting: The same two of a message that waits for a person.
        record: The message itself, its history and its attempts; none of them is content.
    """

    key: timedelta
    payload: timedelta
    resting: timedelta
    record: timedelta

    def contradiction(self) -> str | None:
        """Which period is shorter than one it has to cover; None: none is."""
        if min(self.key, self.payload, self.resting, self.record) < timedelta():
            return "A period is below zero."
        if self.key > self.payload:
            return "`key` is longer than `payload`: a repeat would find no answer."
        if self.payload > self.resting:
            return "`payload` is longer than `resting`: what waits for a person would go first."
        if self.resting > self.record:
            return "`resting` is longer than `record`: content would outlive its message."
        return None


def in_words(period: timedelta) -> str:
    """A period as people write it: ``30 d``, ``24 h``, ``90 s``."""
    seconds = int(period.total_seconds())
    if seconds % _DAY == 0 and seconds > _DAY:
        return f"{seconds // _DAY} d"
    if seconds % _HOUR == 0 and seconds:
        return f"{seconds // _HOUR} h"
    return f"{seconds} s"


def in_iso(period: timedelta) -> str:
    """The same as ISO 8601 has it: ``P30D``, ``PT3600S``."""
    days, rest = divmod(int(period.total_seconds()), _DAY)
    return f"P{days}D" if not rest else f"PT{days * _DAY + rest}S"
